# Tests of the shipped rules; `countersign policy test` runs them together with the organization's own.
package countersign.policy

import rego.v1

_rule := {
	"because": "So.",
	"who": {"roles": ["developer"], "teams": [], "owner": false},
	"environments": ["production"],
	"services": [],
	"risks": [],
	"deny": false,
	"approvals": 0,
	"approvers": {"roles": [], "teams": [], "owner": false, "each_owner": false, "outside_team": false, "step_up": false},
}

_asked(change) := object.union(_request, change)

_request := {
	"actor": {"subject": "dev", "roles": ["developer"], "teams": ["shop"]},
	"request": {"skill": "deploy", "kind": "change", "risk": "low"},
	"services": [{"name": "checkout", "owner": "shop"}],
	"environments": [{"name": "production"}],
	"calendar": {"freezes": [], "windows": []},
	"locks": [],
}

_outsiders := {"roles": ["sre"], "teams": [], "owner": false, "each_owner": false, "outside_team": true, "step_up": false}

test_a_rule_that_matches_allows if {
	found := allow with input as _request with data.countersign as {"rules": {"free": _rule}, "by_skill": {"deploy": ["free"]}}
	found == {{"rule": "free", "because": "So."}}
}

test_a_rule_for_any_skill_matches_each if {
	found := allow with input as _request with data.countersign as {"rules": {"free": _rule}, "by_skill": {"*": ["free"]}}
	count(found) == 1
}

test_a_rule_for_another_skill_says_nothing if {
	found := allow with input as _request with data.countersign as {"rules": {"free": _rule}, "by_skill": {"scale": ["free"]}}
	count(found) == 0
}

test_a_plan_that_reaches_beyond_the_environments_of_a_rule_is_not_its if {
	both := _asked({"environments": [{"name": "production"}, {"name": "staging"}]})
	found := allow with input as both with data.countersign as {"rules": {"free": _rule}, "by_skill": {"deploy": ["free"]}}
	count(found) == 0
}

test_nobody_in_a_rule_is_nobody if {
	rule := object.union(_rule, {"who": {"roles": ["sre"], "teams": [], "owner": false}})
	found := allow with input as _request with data.countersign as {"rules": {"free": rule}, "by_skill": {"deploy": ["free"]}}
	count(found) == 0
	could := _could with input as _request with data.countersign as {"rules": {"free": rule}, "by_skill": {"deploy": ["free"]}}
	could == {"sre"}
}

test_a_need_from_outside_names_the_teams_of_the_requester if {
	rule := object.union(_rule, {"approvals": 1, "approvers": _outsiders})
	found := needs with input as _request with data.countersign as {"rules": {"eyes": rule}, "by_skill": {"deploy": ["eyes"]}}
	some need in found
	need.outside == ["shop"]
}

test_a_freeze_denies_changes_and_passes_what_it_excepts if {
	freeze := {"name": "sale", "because": "Sale.", "environments": [], "except": ["rollback"], "until": "later"}
	frozen := {"calendar": {"freezes": [freeze], "windows": []}}
	found := deny with input as _asked(frozen) with data.countersign as {"rules": {}, "by_skill": {}}
	found == {{"rule": "sale", "because": "Sale. No changes until later."}}
	passed := deny with input as _asked(object.union(frozen, {"request": {"skill": "rollback", "kind": "change"}})) with data.countersign as {"rules": {}, "by_skill": {}}
	count(passed) == 0
}

test_one_open_window_is_enough if {
	shut := {"name": "a", "because": "A.", "environments": ["production"], "except": [], "open": false}
	open := {"name": "b", "because": "B.", "environments": ["production"], "except": [], "open": true}
	one := deny with input as _asked({"calendar": {"freezes": [], "windows": [shut]}}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(one) == 1
	two := deny with input as _asked({"calendar": {"freezes": [], "windows": [shut, open]}}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(two) == 0
}

test_a_lock_holds_off_everybody_but_its_owner if {
	lock := {"owner": "sre", "sentence": "checkout is locked.", "way": "Ask."}
	theirs := deny with input as _asked({"locks": [lock]}) with data.countersign as {"rules": {}, "by_skill": {}}
	theirs == {{"rule": "lock", "because": "checkout is locked. Ask."}}
	own := deny with input as _asked({"locks": [object.union(lock, {"owner": "dev"})]}) with data.countersign as {"rules": {}, "by_skill": {}}
	count(own) == 0
}

test_a_need_says_whether_a_code_is_asked_for if {
	approvers := {"roles": ["sre"], "teams": [], "owner": false, "each_owner": false, "outside_team": false, "step_up": true}
	rule := object.union(_rule, {"approvals": 1, "approvers": approvers})
	found := needs with input as _request with data.countersign as {"rules": {"code": rule}, "by_skill": {"deploy": ["code"]}}
	some need in found
	need.step_up
}
