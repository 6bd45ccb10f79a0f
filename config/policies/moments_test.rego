package countersign.policy

import rego.v1

_calm := {"open": [], "worst": "", "here": false}

_grave := {"open": [{"number": 4, "service": "checkout", "severity": "sev1", "phase": "investigating", "minutes": 3, "here": false}], "worst": "sev1", "here": false}

_deploy(change) := object.union({"request": {"skill": "deploy", "kind": "change", "risk": "low"}, "incident": _calm, "error_budget": [], "history": [], "services": [], "environments": []}, change)


test_a_grave_incident_asks_for_somebody_from_operations if {
	found := needs with input as _deploy({"incident": _grave}) with data.countersign as {"rules": {}, "by_skill": {}}
	{need.rule | some need in found} == {"grave-incident"}
}

test_whoever_works_in_its_room_is_not_held_up if {
	found := needs with input as _deploy({"incident": {"open": [], "worst": "sev1", "here": true}}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(found) == 0
}

test_a_minor_incident_does_not if {
	found := needs with input as _deploy({"incident": {"open": [], "worst": "sev3", "here": false}}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(found) == 0
}

test_a_spent_budget_asks_for_a_platform_lead if {
	spent := {"service": "checkout", "known": true, "left_percent": 0, "objective": "99.9 % over 30d"}
	found := needs with input as _deploy({"error_budget": [spent]}) with data.countersign as {"rules": {}, "by_skill": {}}
	{need.rule | some need in found} == {"budget-spent"}
}

test_a_budget_that_nobody_knows_is_not_spent if {
	unknown := {"service": "checkout", "known": false, "left_percent": null, "objective": ""}
	found := needs with input as _deploy({"error_budget": [unknown]}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(found) == 0
}

test_three_failures_in_a_day_ask_for_a_platform_lead if {
	failing := {"service": "checkout", "failures_in_24h": 3}
	found := needs with input as _deploy({"history": [failing]}) with data.countersign as {"rules": {}, "by_skill": {}}
	{need.rule | some need in found} == {"keeps-failing"}
	fewer := needs with input as _deploy({"history": [object.union(failing, {"failures_in_24h": 2})]}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(fewer) == 0
}
