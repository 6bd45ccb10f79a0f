"""Each mistake is refused with its file, line and field, in words that say how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.configuration import ConfigurationError, load

Mistakes = Callable[..., list[str]]

COMPONENT = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  annotations: {annotations}\nspec: {spec}\n"
WORLD = "- {name: staging, cluster: {kind: simulated}}\n- {name: production, cluster: {kind: simulated}}\n"
RULE = "rules:\n  - name: one\n    because: So.\n    who: {roles: [sre]}\n"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        ("organization.yaml", "name: acme\ntitel: Acme\n", "organization.yaml, line 2: titel: is not a known key. Did you mean title?"),
        ("organization.yaml", "name: Acme\n", "organization.yaml, line 1: name: “Acme” is not a valid name; use lower-case letters, digits and hyphens, 63 at most, all ASCII."),
        ("organization.yaml", "name: аcme\n", "organization.yaml, line 1: name: “\\u{430}cme” is not a valid name; use lower-case letters, digits and hyphens, 63 at most, all ASCII."),
        ("organization.yaml", "title: Acme\n", "organization.yaml, line 1: name: is missing."),
        ("organization.yaml", "name: acme\ntitle: 1.10\n", 'organization.yaml, line 2: title: should be text, and YAML reads 1.10 as something else; put it in quotes: "1.10".'),
        ("organization.yaml", "name: acme\nlimits:\n  max_replica: 4\n", "organization.yaml, line 3: limits.max_replica: is not a known key. Did you mean max_replicas?"),
        ("organization.yaml", "name: acme\nlimits:\n  max_replicas: many\n", "organization.yaml, line 3: limits.max_replicas: should be a whole number."),
        ("organization.yaml", "name: acme\nlimits:\n  max_replicas: 0\n", "organization.yaml, line 3: limits.max_replicas: should be greater than or equal to 1."),
        ("organization.yaml", "name: acme\nlimits:\n  max_replicas: 2.5\n", "organization.yaml, line 3: limits.max_replicas: should be a whole number."),
        ("organization.yaml", "name: acme\nlimits: 4\n", "organization.yaml, line 2: limits: should be keys and values, not a single value or a list."),
        ("organization.yaml", "name: acme\nslack: {mode: sockets}\n", "organization.yaml, line 2: slack.mode: should be socket or http."),
        ("organization.yaml", "name: acme\nslack: {listen: 3000}\n", 'organization.yaml, line 2: slack.listen: should be text, and YAML reads 3000 as something else; put it in quotes: "3000".'),
        ("organization.yaml", "name: acme\nslack: {listen: '0.0.0.0:99999'}\n", "organization.yaml, line 2: slack.listen: “0.0.0.0:99999” is not an address; write host:port, for instance 127.0.0.1:3000."),
        ("organization.yaml", "name: acme\nslack: {bot_token: hunter2}\n", "organization.yaml, line 2: slack.bot_token: is not a known key. Secrets come from environment variables only (SLACK_BOT_TOKEN and the like)."),
        ("organization.yaml", "name: acme\ntimezone: Europe/Berlim\n", "organization.yaml, line 2: timezone: there is no time zone “Europe/Berlim”; write it like Europe/Berlin or UTC."),
        ("organization.yaml", "name: acme\nname: other\n", "organization.yaml, line 2: name: stands here twice; the first is in line 1."),
        ("organization.yaml", "name: acme\n---\nname: other\n", "organization.yaml, line 3: The file should hold one document; take out the “---”."),
        ("organization.yaml", "# nothing\n", "organization.yaml: The file is empty."),
        ("organization.yaml", "name: [acme\n", "organization.yaml, line 2: The file is not readable as YAML: did not find expected ',' or ']'."),
        ("organization.yaml", "name: acme\n\ttitle: x\n", "organization.yaml, line 2: The file is not readable as YAML: found a tab character that violates indentation."),
        ("organization.yaml", "name: *a\n", "organization.yaml, line 1: name: repeats `a`, which is not defined above."),
        ("organization.yaml", "name: acme\nroles: &r [dev, *r]\n", "organization.yaml, line 2: roles[1]: repeats `r`, which is not defined above."),
        ("organization.yaml", "name: !!python/name:os.system x\n", "organization.yaml, line 1: name: has the tag tag:yaml.org,2002:python/name:os.system; tags are not used here."),
        ("organization.yaml", "[name, acme]: x\n", "organization.yaml, line 1: has a key that is not plain text."),
        ("organization.yaml", "name: acme\nstore: {url: mysql://db/x}\n", "organization.yaml: store.url: is not the URL of a database that can be used here; it begins with postgresql:// or sqlite:///."),
        ("people.yaml", "subject: ann\n", "people.yaml, line 1: should be a list; put each entry on its own line after “- ”."),
        ("people.yaml", "- subject: ann\n", "people.yaml, line 1: [0].name: is missing."),
        ("people.yaml", "- {subject: ann, name: Ann}\n- {subject: ann, name: Other}\n", "people.yaml, line 2: [1].subject: the name “ann” is taken by ann (people.yaml, line 1)."),
        ("people.yaml", "- {subject: ann, name: Ann}\n- {subject: bob, name: Bob, aliases: [ann]}\n", "people.yaml, line 2: [1].aliases[0]: the name “ann” is taken by ann (people.yaml, line 1)."),
        ("people.yaml", "- {subject: ann, name: Ann, slack: [U012]}\n- subject: bob\n  name: Bob\n  slack:\n    - U012\n", "people.yaml, line 5: [1].slack[0]: the Slack id “U012” is taken by ann (people.yaml, line 1)."),
        ("people.yaml", "- {subject: ann, name: Ann, slack: [ann]}\n", "people.yaml, line 1: [0].slack[0]: “ann” is not a Slack user id; these look like U012ABCDEF (not a display name)."),
        ("people.yaml", "- {subject: ann, name: Ann, slack: [B012ABC]}\n", "people.yaml, line 1: [0].slack[0]: “B012ABC” is the id of a bot; bots are never people."),
        ("people.yaml", "- {subject: ann, name: Ann, roles: [developr]}\n", "people.yaml, line 1: [0].roles[0]: there is no role “developr”. Did you mean developer?"),
        ("people.yaml", "- {subject: ann, name: Ann, guest: yes}\n", "people.yaml, line 1: [0].guest: should be true or false."),
        ("people.yaml", "- {subject: ann, name: Ann, confirmed: yesterday}\n", "people.yaml, line 1: [0].confirmed: “yesterday” is not a day; write it like 2026-11-01."),
        ("environments.yaml", "[]\n", "environments.yaml, line 1: The file names no environment; there has to be one."),
        ("environments.yaml", WORLD + "- {name: x}\n", "environments.yaml, line 3: [2].cluster: is missing."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {}}\n", "environments.yaml, line 3: [2].cluster: needs a kind."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: kubernetes, contxt: y}}\n", "environments.yaml, line 3: [2].cluster.contxt: is not a known key. Did you mean context?"),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: kubernetes, in_cluster: true, context: y}}\n", "environments.yaml, line 3: [2].cluster: in_cluster uses the pod's own account; leave kubeconfig and context out."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: kubernetes, kubeconfig: '${NOPE}/x'}}\n", "environments.yaml, line 3: [2].cluster.kubeconfig: the environment variable NOPE is not set."),
        ("environments.yaml", WORLD + "- {name: x, aliases: [staging], cluster: {kind: simulated}}\n", "environments.yaml, line 3: [2].aliases[0]: the name “staging” is taken by staging (environments.yaml, line 1)."),
        ("environments.yaml", WORLD + "- {name: x, namespace: staging, cluster: {kind: simulated}}\n", "environments.yaml, line 3: [2].namespace: the namespace “simulated/staging” is taken by staging (environments.yaml, line 1)."),
        ("environments.yaml", WORLD + "- {name: web, cluster: {kind: simulated}}\n", "catalog: web: “web” is the name or alias of the service web and of an environment; rename one."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: simulated}, metrics: {kind: prometheus}}\n", "environments.yaml, line 3: [2].metrics.url: is missing."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: simulated}, metrics: {kind: prometheus, url: 'http://p', token: PROM}}\n", "environments.yaml, line 3: [2].metrics.token: the environment variable PROM is not set, nor is PROM_FILE."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: simulated}, metrics: {kind: prometheus, url: 'http://p', username: ada}}\n", "environments.yaml, line 3: [2].metrics: username and password go together."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: simulated}, metrics: {kind: prometheus, url: 'http://p', token: T, username: a, password: P}}\n", "environments.yaml, line 3: [2].metrics: give a token, or a username and password, and not both."),
        ("environments.yaml", WORLD + "- {name: x, cluster: {kind: kubernetes, in_cluster: true}, metrics: {kind: simulated}}\n", "environments.yaml, line 3: [2].metrics: only a simulated cluster has simulated metrics; name a Prometheus server, or leave it out."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/metrics-latency: 'max(x'}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/metrics-latency: is no PromQL: a bracket or a quotation mark is not closed."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/metrics-latncy: x}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/metrics-latncy: is not an annotation that we know. Did you mean countersign.dev/metrics-latency?"),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/alias: y}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/alias: is not an annotation that we know. Did you mean countersign.dev/aliases?"),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/max-replicas: lots}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/max-replicas: “lots” should be a whole number from 1 to 20."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/max-replicas: '50'}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/max-replicas: “50” should be a whole number from 1 to 20."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/image: 'r.example/x:v1'}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/image: “r.example/x:v1” is not an image repository; write it without a tag or digest."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/environments: stagin}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/environments: there is no environment “stagin”. Did you mean staging?"),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/aliases: 'ok, Not Ok'}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/aliases: “Not Ok” is not a valid name; use lower-case letters, digits and hyphens, 63 at most, all ASCII."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/aliases: web}", spec="{}"), "catalog/x.yaml, line 5: metadata.annotations.countersign.dev/aliases: the name “web” is taken by web (catalog/services.yaml, line 55)."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{countersign.dev/aliases: prod}", spec="{}"), "catalog: x: “prod” is the name or alias of the service x and of an environment; rename one."),
        ("catalog/x.yaml", COMPONENT.format(name="web", annotations="{}", spec="{}"), "catalog/x.yaml, line 4: metadata.name: the name “web” is taken by web (catalog/services.yaml, line 55)."),
        ("catalog/x.yaml", COMPONENT.format(name="X_y", annotations="{}", spec="{}"), "catalog/x.yaml, line 4: metadata.name: “X_y” is not a valid name; use lower-case letters, digits and hyphens, 63 at most, all ASCII."),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{}", spec="{dependsOn: [component:serch]}"), "catalog/x.yaml, line 6: spec.dependsOn: there is no component “serch”. Did you mean search?"),
        ("catalog/x.yaml", COMPONENT.format(name="x", annotations="{}", spec="{dependsOn: ['not a reference']}"), "catalog/x.yaml, line 6: spec.dependsOn[0]: “not a reference” is not a reference such as component:default/payments-api."),
        ("catalog/x.yaml", "apiVersion: v1\nkind: Componnt\nmetadata: {name: x}\n", "catalog/x.yaml, line 2: kind: is not a kind that Backstage has. Did you mean Component?"),
        ("policies/x.yaml", RULE + "    skills: [deplyo]\n", "policies/x.yaml, line 5: rules[0].skills[0]: there is no skill “deplyo”. Did you mean deploy?"),
        ("policies/x.yaml", RULE + "    environments: [prod]\n", "policies/x.yaml, line 5: rules[0].environments[0]: there is no environment “prod”. Did you mean production?"),
        ("policies/x.yaml", RULE + "    services: [chekout]\n", "policies/x.yaml, line 5: rules[0].services[0]: there is no service “chekout”. Did you mean checkout?"),
        ("policies/x.yaml", RULE + "    risks: [huge]\n", "policies/x.yaml, line 5: rules[0].risks[0]: should be low, medium or high."),
        ("policies/x.yaml", RULE.replace("[sre]", "[srre]"), "policies/x.yaml, line 4: rules[0].who.roles[0]: there is no role “srre”. Did you mean sre?"),
        ("policies/x.yaml", RULE.replace("roles: [sre]", "teams: [shpo]"), "policies/x.yaml, line 4: rules[0].who.teams[0]: there is no team “shpo”. Did you mean shop?"),
        ("policies/x.yaml", RULE.replace("{roles: [sre]}", "{}"), "policies/x.yaml, line 2: rules[0]: who names nobody; give roles, teams or owner: true."),
        ("policies/x.yaml", RULE + "    approvals: 1\n", "policies/x.yaml, line 2: rules[0]: approvals are asked for, but approvers names nobody."),
        ("policies/x.yaml", RULE + "    approvers: {roles: [sre]}\n", "policies/x.yaml, line 2: rules[0]: approvers are named, but approvals is 0; say how many are needed."),
        ("policies/x.yaml", RULE + "    deny: true\n    approvals: 1\n    approvers: {owner: true}\n", "policies/x.yaml, line 2: rules[0]: a rule that denies cannot ask for approvals."),
        ("policies/x.yaml", RULE + "    denny: true\n", "policies/x.yaml, line 5: rules[0].denny: is not a known key. Did you mean deny?"),
        ("policies/x.yaml", RULE.replace("name: one", "name: staging-is-free"), "policies/x.yaml, line 2: rules[0].name: the name “staging-is-free” is taken by another rule (policies/changes.yaml, line 14)."),
        ("policies/x.yaml", "freezes:\n  - {name: f, because: So., from: tomorrow, until: 2026-01-01}\n", "policies/x.yaml, line 2: freezes[0].from: “tomorrow” is not a time; write it like 2026-12-24 18:00, or like Fri 16:00 for every week."),
        ("policies/x.yaml", "freezes:\n  - {name: f, because: So., from: 2026-01-02, until: 2026-01-01}\n", "policies/x.yaml, line 2: freezes[0].until: should be later than from."),
        ("policies/x.yaml", "freezes:\n  - {name: f, because: So., from: 2026-01-01, until: 2026-01-02, except: [rolback]}\n", "policies/x.yaml, line 2: freezes[0].except[0]: there is no skill “rolback”. Did you mean rollback, ack or lock?"),
        ("policies/x.yaml", "freezes:\n  - {name: f, because: So., from: 2026-01-01, until: 2026-01-02, timezone: Mars}\n", "policies/x.yaml, line 2: freezes[0].timezone: there is no time zone “Mars”."),
        ("policies/x.yaml", "freezes:\n  - {name: f, because: So., from: 2026-01-01}\n", "policies/x.yaml, line 2: freezes[0].until: is missing."),
    ],
)  # fmt: skip
def test_a_mistake_is_named(mistakes: Mistakes, file: str, text: str, expected: str) -> None:
    assert expected in mistakes(file, text)


@pytest.mark.parametrize(
    "value",
    ["xoxb-123456-abcdef", "xapp-1-A1-2-abc", "postgresql://bot:hunter2@db/bot", "ghp_0123456789abcdefABCDEF", "-----BEGIN RSA PRIVATE KEY-----"],
)  # fmt: skip
def test_a_secret_in_a_file_is_refused_and_not_repeated(mistakes: Mistakes, value: str) -> None:
    (problem,) = [line for line in mistakes("organization.yaml", f"name: acme\ntitle: '{value}'\n") if "secret" in line]
    assert problem == (
        "organization.yaml, line 2: title: looks like a secret. Take it out of the file and renew it;"
        " secrets come from environment variables only."
    )
    assert value not in problem


def test_a_variable_and_its_file_are_not_both_taken(folder: Path) -> None:
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-secret",
        "SLACK_BOT_TOKEN_FILE": "/x",
        "SLACK_APP_TOKEN_FILE": str(folder / "no"),
    }
    with pytest.raises(ConfigurationError) as caught:
        load(folder, environ)
    assert [str(problem) for problem in caught.value.problems] == [
        "environment: SLACK_APP_TOKEN_FILE: names a file that cannot be read.",
        "environment: SLACK_BOT_TOKEN: is set, and so is SLACK_BOT_TOKEN_FILE; set one of them.",
    ]
    assert "xoxb" not in str(caught.value)


def test_a_database_url_that_is_none_is_not_repeated(folder: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {"COUNTERSIGN_DATABASE_URL": "hunter2"})
    assert "hunter2" not in str(caught.value)
    assert "environment: COUNTERSIGN_DATABASE_URL: is not the URL" in str(caught.value)


@pytest.mark.parametrize("file", ["organization.yaml", "people.yaml", "environments.yaml"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).rename(folder / file.replace(".yaml", ".yml"))
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    assert f"  {file}: The file is missing. Rename {file.replace('.yaml', '.yml')} to it." in str(caught.value)


def test_a_folder_that_is_not_there_misses_every_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "nowhere", {})
    assert {problem.file for problem in caught.value.problems} == {
        "organization.yaml", "people.yaml", "environments.yaml", "policies"
    }  # fmt: skip


def test_without_a_policy_nobody_could_do_anything(folder: Path) -> None:
    (folder / "policies" / "changes.yaml").unlink()
    with pytest.raises(ConfigurationError, match="There is no policy here, so nobody could do anything"):
        load(folder, {})


def test_a_file_that_is_too_large_or_no_text_is_refused(folder: Path) -> None:
    (folder / "people.yaml").write_bytes(b"- {}\n" * 100_000)
    (folder / "environments.yaml").write_bytes(b"- name: st\xffging\n")
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    assert "people.yaml: The file is larger than 256 KiB; split it." in str(caught.value)
    assert "environments.yaml, line 1: The file is not UTF-8 text." in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "<<: {a: 1}\n",
        "? ? ? x\n",
        "\x00",
        "%YAML 9.9\n---\nx\n",
        "&a [*a]",
        "*a",
        "name: acme\nlimits: {pending_minutes: " + "9" * 5000 + "}\n",
    ],
)
def test_hostile_yaml_is_a_mistake_like_any_other(mistakes: Mistakes, text: str) -> None:
    assert any(line.startswith("organization.yaml") for line in mistakes("organization.yaml", text))


def test_a_mistake_in_one_file_is_not_told_again_for_the_names_it_hides(mistakes: Mistakes) -> None:
    assert len(mistakes("environments.yaml", "- {name: staging}\n")) == 1
    assert len(mistakes("people.yaml", "- {subject: ann}\n")) == 2
    assert len(mistakes("catalog/services.yaml", "kind: Component\n")) == 4


def test_skills_are_checked_only_where_they_are_known(folder: Path) -> None:
    (folder / "policies" / "x.yaml").write_text(RULE + "    skills: [juggle]\n")
    assert load(folder, {}).policy.rules[-1].skills == ("juggle",)


def test_switches_of_older_yaml_are_plain_words(folder: Path) -> None:
    (folder / "people.yaml").write_text("- {subject: no, name: off, roles: [sre], teams: [shop]}\n")
    person = load(folder, {}).catalog.person("no")
    assert person.actor.name == "off"
