# Beside the rules of changes.yaml: what a list of names cannot say. Every file here adds to allow, needs and deny. One denial is a no,
# and every need has to be met; the requester never counts. What `input` holds is in the README; try it with “countersign policy explain”.
package countersign.policy

import rego.v1

# A plan this large is better asked for in parts.
deny contains {"rule": "large-plan", "because": because} if {
	targets := {step.target.uid | some step in input.plan.steps}
	count(targets) > 20
	because := sprintf("It touches %d objects at once; 20 is the most.", [count(targets)])
}

# Whoever changes several services at once in a protected environment asks the people of each.
needs contains {"rule": "owners-of-several", "because": because, "count": 1, "owner_of": service.name} if {
	count(input.services) > 1
	some environment in input.environments
	environment.protected
	some service in input.services
	because := "It touches several services, so an owner of each has to agree."
}
