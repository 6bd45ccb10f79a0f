# Run by “countersign policy test”. A `with` covers its line and those after it, up to the next `with`.
package countersign.policy

import rego.v1

_steps(count) := [{"target": {"uid": sprintf("uid-%d", [number])}} | some number in array.slice(_numbers, 0, count)]

_numbers := [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]

_two := [{"name": "checkout", "owner": "shop"}, {"name": "search", "owner": "finders"}]

test_twenty_objects_are_not_too_many if {
	found := deny with input.plan.steps as _steps(20)
	count(found) == 0
}

test_more_objects_are_refused if {
	found := deny with input.plan.steps as _steps(21)
	found == {{"rule": "large-plan", "because": "It touches 21 objects at once; 20 is the most."}}
}

test_several_services_in_a_protected_environment_need_an_owner_of_each if {
	found := needs with input.services as _two with input.environments as [{"name": "production", "protected": true}]
	{need.owner_of | some need in found} == {"checkout", "search"}
}

test_one_service_or_an_open_environment_does_not if {
	one := [{"name": "checkout", "owner": "shop"}]
	count(needs) == 0 with input.services as one with input.environments as [{"name": "production", "protected": true}]
	count(needs) == 0 with input.services as _two with input.environments as [{"name": "staging", "protected": false}]
}
