# The rules, freezes and windows of config/policies/*.yaml. The rules come as data, by name, with an index by skill; freezes and windows as facts.
# Every file of this package adds to allow, needs and deny; how these are combined is not up to a policy: one denial is a no, nothing
# allowed is a no, and every need has to be met. A need alone allows nothing.
package countersign.policy

import rego.v1

decision := {"allow": allow, "needs": needs, "deny": deny, "could": _could}

allow contains {"rule": name, "because": rule.because} if {
	some name in _matching
	rule := data.countersign.rules[name]
	not rule.deny
	rule.approvals == 0
}

allow contains {"rule": name, "because": rule.because} if {
	some name in _matching
	rule := data.countersign.rules[name]
	rule.approvals > 0
	count(_needs(name, rule)) > 0
}

needs contains need if {
	some name in _matching
	rule := data.countersign.rules[name]
	rule.approvals > 0
	some need in _needs(name, rule)
}

deny contains {"rule": name, "because": rule.because} if {
	some name in _matching
	rule := data.countersign.rules[name]
	rule.deny
}

deny contains {"rule": freeze.name, "because": because} if {
	input.request.kind == "change"
	some freeze in input.calendar.freezes
	_concerns(freeze)
	because := sprintf("%s No changes until %s.", [freeze.because, freeze.until])
}

deny contains {"rule": window.name, "because": because} if {
	input.request.kind == "change"
	some window in input.calendar.windows
	_concerns(window)
	some environment in input.environments
	_within(environment.name, window.environments)
	not _open(environment.name)
	because := sprintf("%s No change window is open for %s.", [window.because, environment.name])
}

deny contains {"rule": "lock", "because": because} if {
	input.request.kind == "change"
	some lock in input.locks
	lock.owner != input.actor.subject
	because := sprintf("%s %s", [lock.sentence, lock.way])
}

_open(environment) if {
	some window in input.calendar.windows
	window.open
	_within(environment, window.environments)
}

_concerns(period) if {
	count(period.environments) == 0
	not input.request.skill in period["except"]
}

_concerns(period) if {
	some environment in input.environments
	environment.name in period.environments
	not input.request.skill in period["except"]
}

_within(_, names) if count(names) == 0

_within(name, names) if name in names

# Rules that speak of what is asked, whoever asks.
_covering contains name if {
	some skill in [input.request.skill, "*"]
	some name in data.countersign.by_skill[skill]
	rule := data.countersign.rules[name]
	_here(rule)
	_of_these(rule)
	_risky(rule)
	_costly(rule)
}

_matching contains name if {
	some name in _covering
	_includes(data.countersign.rules[name].who)
}

_could contains role if {
	some name in _covering
	not data.countersign.rules[name].deny
	some role in data.countersign.rules[name].who.roles
}

_here(rule) if count(rule.environments) == 0

_here(rule) if {
	count(input.environments) > 0
	every environment in input.environments {
		environment.name in rule.environments
	}
}

_of_these(rule) if count(rule.services) == 0

_of_these(rule) if {
	count(input.services) > 0
	every service in input.services {
		service.name in rule.services
	}
}

_risky(rule) if count(rule.risks) == 0

_risky(rule) if input.request.risk in rule.risks

_costly(rule) if object.get(rule, "cost_above", null) == null

# Of what nobody can tell, and of what is in another currency, nobody knows that it is less.
_costly(rule) if {
	object.get(rule, "cost_above", null) != null
	input.cost != null
	not _cheap(rule.cost_above)
}

_cheap(limit) if {
	input.cost.known
	input.cost.monthly_cents <= 0
}

_cheap(limit) if {
	input.cost.known
	input.cost.currency == limit.currency
	input.cost.monthly_cents <= limit.cents
}

_includes(who) if {
	some role in who.roles
	role in input.actor.roles
}

_includes(who) if {
	some team in who.teams
	team in input.actor.teams
}

_includes(who) if {
	who.owner
	count(input.services) > 0
	every service in input.services {
		service.owner in input.actor.teams
	}
}

_needs(name, rule) := needed if {
	rule.approvers.each_owner
	needed := [need |
		some service in input.services
		need := {"rule": name, "because": rule.because, "count": rule.approvals, "owner_of": service.name, "step_up": rule.approvers.step_up, "unbreakable": _unbreakable(rule.approvers)}
	]
}

_needs(name, rule) := [need] if {
	not rule.approvers.each_owner
	need := {
		"rule": name,
		"because": rule.because,
		"count": rule.approvals,
		"roles": rule.approvers.roles,
		"teams": rule.approvers.teams,
		"owner": rule.approvers.owner,
		"outside": _outside(rule.approvers),
		"step_up": rule.approvers.step_up,
		"unbreakable": _unbreakable(rule.approvers),
	}
}

_unbreakable(approvers) := object.get(approvers, "unbreakable", false)

_outside(approvers) := input.actor.teams if approvers.outside_team

_outside(approvers) := null if not approvers.outside_team
