"""Ordinary words: what nobody calls a service, so that they are no names unless something says that they are.

Words that people do name things after (search, orders, billing, gateway, cache) are not among them.
"""

import re

from bot.nl.natural.harmless import words_of
from bot.nl.natural.inflection import forms

_VERBS = words_of(
    "accept access achieve add advise affect afford agree allow analyze analyse answer appear apply arrive ask assess assume attach attempt avoid become begin"
    " behave believe belong block break breach bring build bump call capture cause change check choose clean clear close collect come communicate compare complain complete"
    " compute confirm connect consider consist consume contain continue convert correct count crash create cross deal debug decide define delete deny depend describe deserve"
    " detect determine diagnose die differ disable disappear discover display drain drop dump effect eliminate emit enable encounter end enforce enjoy ensure enter enumerate"
    " establish estimate evaluate evict examine exceed exhaust exist expect experience expire explain expose express extract face fail fall feel fetch figure fill find finish fire"
    " fix flap flood focus follow force forget freeze gather generate get give go grab grow guess handle hang happen have hear help hesitate hide highlight hit hold identify ignore"
    " impact imply improve include increase indicate inform inspect insert interest investigate involve isolate join jump keep kill know lack lead leak learn leave lie like look"
    " lose love make manage mark match matter mean measure mention merge migrate miss monitor mount move narrow need note notice observe occur offer open operate optimize optimise"
    " output overload pass paste pause perform persist pick pinpoint place point possess predict prefer prepare present preserve prevent print proceed produce prove provide pull put"
    " reach react read realize recall receive recognize recommend reconcile recover refer reflect refuse reject relate release remain remediate remember remove rename repeat replace reply report"
    " represent request require reset resolve respond restrict retrieve retry return reveal review rise run satisfy save say schedule see seem select send separate set share show"
    " shrink shut simplify sit slow solve sort sound speak specify spend spike stand start stay stick stop struggle suffer suggest summarize summarise supply support suppose suspect"
    " switch take talk tell tend test thank think throw throttle throw tie time touch track transfer travel treat try turn understand unmount use vanish vary verify view wait wake walk want"
    " configure install uninstall deploy restart scale roll back update upgrade downgrade patch apply attach detach pin tune"
    " warn waste watch wonder work worry write yell"
)
_STRONG = words_of(
    "began begun broken broke brought built caught chosen came done drawn driven fallen fell felt forgotten found froze frozen gave given gone went got gotten grown held"
    " hidden kept knew known laid led left lost made meant met paid ran read ridden risen rose said sat saw seen sent shook shown shut slept spent spoken stood stolen stuck"
    " taken taught thought threw thrown told took understood woke worn written wrote threw hung dealt"
)
_PLAIN = words_of(
    # Pronouns, quantities, conjunctions, adverbs.
    "whether their theirs its ours yours mine hers himself itself themselves ourselves myself yourself ones else anything everything nothing somewhere anywhere everywhere nowhere"
    " somehow someway whatever whichever whoever wherever whenever however although though because while whereas thus hence therefore otherwise besides moreover furthermore"
    " meanwhile nevertheless nonetheless despite throughout without within against among amongst along alongside around beyond beneath below above under over per via versus upon toward towards until till"
    " since than then that those these this there here where when why how which who whom whose what such same other others another several few many much more most less least"
    " fewer enough plenty lot lots bit bunch couple pair dozen hundred hundreds thousand thousands million half both either neither each every all any some none no not nor or and but if unless so"
    " too also just only even still yet already ever never always often sometimes rarely usually normally mostly mainly largely partly almost nearly about approximately roughly exactly precisely"
    " again once twice soon later now today tonight tomorrow yesterday earlier before after during ago next previous last first second third final new newest latest old oldest recent current"
    " quite rather very really pretty fairly highly extremely totally completely entirely fully barely hardly away apart together forward backward backwards ahead behind aside instead perhaps maybe probably"
    " likely unlikely possibly certainly definitely surely apparently obviously clearly basically actually literally honestly frankly unfortunately suddenly randomly constantly continuously continually"
    " please thanks sorry welcome hello morning afternoon evening folks guys everyone somebody someone anybody anyone people person user users customer customers client clients teammate colleague colleagues team teams boss manager"
    " specific particular certain various different similar single multiple individual entire whole total overall general common usual normal typical regular special main primary secondary major minor"
    " big bigger biggest large larger largest small smaller smallest tiny huge high higher highest low lower lowest long longer longest short shorter shortest top bottom best worst better worse good bad great nice fine"
    " fast faster fastest slow slower slowest quick quicker heavy heavier light lighter busy busier busiest idle full empty open closed free used unused available unavailable active inactive alive dead live"
    " healthy unhealthy ready unready stable unstable flaky failed failing broken stuck pending unbound bound orphaned stale expired valid invalid missing present absent running stopped suspended paused blocked"
    " successful unsuccessful correct incorrect wrong right true false real actual possible impossible potential potentially necessary unnecessary required optional useful useless important critical urgent severe"
    " strange weird odd funny unusual unexpected suspicious abnormal intermittent sporadic random constant frequent frequently rare able unable ok okay sure aware curious interested responsible"
    " comprehensive detailed thorough complete brief quick short simple complex deep full rough raw pretty plain human-readable readable key relevant important underlying associated corresponding existing"
    " physical virtual internal external inbound outbound incoming outgoing upstream downstream remote local global public private shared common dedicated separate secure insecure"
    # What is asked about things.
    "thing things stuff kind kinds type types sort sorts name names id ids label labels annotation annotations tag tags value values field fields column columns format formats json yaml csv table tables tabular wide"
    " list lists listing overview summary summaries report reports detail details information info description breakdown snapshot view views picture graph graphs chart charts plot diagram diagrams export"
    " status statuses state states health condition conditions phase phases readiness liveness situation issue issues problem problems trouble error errors failure failures fault faults exception exceptions"
    " warning warnings crash crashes outage outages incident incidents bottleneck bottlenecks symptom symptoms cause causes reason reasons culprit explanation root solution solutions fix fixes workaround"
    " reboot reboots restart restarts log logs logging line lines message messages entry entries output stdout stderr trace traces stack stacktrace backtrace event events history revision revisions rollout rollouts change changes"
    " metric metrics latency latencies throughput traffic rate rates ratio percentile percentiles p50 p90 p95 p99 median average mean maximum minimum max min peak sum number numbers count counts amount amounts usage"
    " utilization utilisation consumption consumers saturation load loads cpu cpus memory ram disk disks storage bandwidth network networking io iops space capacity quota quotas limit limits request requests reservation"
    " response responses duration durations delay delays timeout timeouts hour hours minute minutes second seconds day days week weeks month months interval window period time times timestamp timestamps date age uptime"
    " ip ips address addresses port ports hostname hostnames host hosts domain domains dns url urls endpoint endpoints path paths route routes connection connections connectivity packet packets byte bytes tcp udp http https tls ssl mtls grpc"
    " certificate certs configuration configurations config configs setting settings parameter parameters spec specs specification definition definitions manifest manifests template file files key keys"
    " version versions release releases image images digest digests commit commits build builds branch registry repository repositories helm chart charts package packages"
    " resource resources object objects item items kind component components workload workloads microservice microservices replica replicas instance instances machine machines vm vms server servers"
    " cluster clusters namespace namespaces environment environments context contexts zone zones region regions mesh sidecar sidecars proxies plane kubelet kubernetes k8s kubectl kubeconfig crd crds"
    " controller controllers operator operators owner owners selector selectors taint taints toleration tolerations affinity permission permissions rbac access policy policies rule rules security encryption"
    " compatibility connectivity implementation installation setup deployment deployments configuration debugging troubleshooting analysis investigation diagnosis root-cause steps step action actions advice recommendation recommendations"
    " command commands flag flags option options help question questions answer answers example examples documentation guide idea ideas hint hints clue clues"
    " probes probe check checks test tests guest agent os filesystem filesystems volume volumes mount mounts disk kernel process processes thread threads job jobs task tasks"
    " prefix suffix substring word words keyword keywords phrase text string pattern"
    " side north south east west left right middle inside outside way ways place places part parts area areas piece pieces end beginning side level levels step stage half"
    " strategy blue-green canary rolling real-time up-to-date day-to-day end-to-end step-by-step in-depth high-level low-level built-in so-called logged-in out-of-memory non-zero read-only long-running cluster-wide namespace-wide"
    " gi mi gb mb kb ms percent percentage performance validation plan plans master masters maps map conversion transition authentication authorization identity downtime disruption posture topology tcp communication"
    " var vars variable variables env imagepullbackoff errimagepull crashloopbackoff containercreating createcontainerconfigerror createcontainererror podinitializing oomkilled notready backoff terminating"
    " containerstatusunknown init:error evicted diskpressure memorypressure unschedulable"
    " resolution rotation allocation starvation contention pressure regression regressions spikes spike drift behaviour behavior activity productivity priority severity availability reliability"
)
_PRODUCTS = words_of(
    "istio cilium tekton helm argo argocd flux kiali prometheus grafana loki jaeger kubevirt knative linkerd envoy openshift aks eks gke azure aws gcp google amazon kafka-connect"
    " hubble netobserv kyverno gatekeeper crossplane terraform ansible docker containerd kustomize karpenter keda velero longhorn rook ceph cd oss"
)
"""Programs whose name people put before what is meant: “Istio proxies”, “Tekton pipelines”."""
_WIRES = re.compile(r"[a-z]+(?:ly|able|ible|ically|fully|wise|ness)")
_SERVED = frozenset(
    {"assembly", "family", "supply", "reply", "anomaly", "table", "stable", "apply", "cable", "harness"}
)


def _spelled() -> frozenset[str]:
    return frozenset(spelling for verb in _VERBS for spelling in forms(verb)) | _STRONG | _PLAIN


_ORDINARY = _spelled()


def ordinary(key: str) -> bool:
    """Is it a word of plain English, or of the trade, that names nothing by itself?"""
    if key.endswith("'s"):
        return False
    return key in _ORDINARY or (bool(_WIRES.fullmatch(key)) and key not in _SERVED and len(key) > 5)


def product(key: str) -> bool:
    """Is it the name of a program that mostly says whose things are meant?"""
    return key in _PRODUCTS
