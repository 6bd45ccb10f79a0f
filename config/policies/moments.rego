# What is going on: incidents, what is left of error budgets, and how the last changes went. Each of these asks for somebody more, so that
# what is broken may still be mended. Unknown is told as unknown: a budget that nobody knows is neither spent nor left.
package countersign.policy

import rego.v1

# In a grave incident, whoever does not work in its room has one of its people agree.
needs contains {"rule": "grave-incident", "because": because, "count": 1, "roles": ["sre", "platform-lead"]} if {
	input.request.kind == "change"
	input.incident.worst in ["sev1", "sev2"]
	not input.incident.here
	because := sprintf("A %s incident of it is open, so somebody from operations has to agree.", [input.incident.worst])
}

# What nobody may fail any more is not put at risk by something new. Going back is no risk of that kind.
needs contains {"rule": "budget-spent", "because": because, "count": 1, "roles": ["platform-lead"]} if {
	input.request.skill == "deploy"
	some budget in input.error_budget
	budget.known
	budget.left_percent <= 0
	because := sprintf("The error budget of %s is spent (%s), so a platform lead has to agree.", [budget.service, budget.objective])
}

# Three failures in a day are no bad luck.
needs contains {"rule": "keeps-failing", "because": because, "count": 1, "roles": ["platform-lead"]} if {
	input.request.skill == "deploy"
	some past in input.history
	past.failures_in_24h >= 3
	because := sprintf("%d changes of %s failed within a day, so a platform lead has to agree.", [past.failures_in_24h, past.service])
}
