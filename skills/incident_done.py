"""An incident: a task that is done."""

from skills.core import incident_words
from skills.core.errors import BadInput, NothingToDo
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentDone(IncidentRecord):
    """Say that a task of an incident is done, by its number."""

    name = "incident-done"
    examples = ("incident done 1", "incident done #3 2")
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        number, _ = incident_words.number(words, of="task")
        task = next((each for each in incident.tasks if each.number == number), None)
        if task is None:
            raise BadInput(
                f"Incident #{incident.id} has no task {number}.", hint=f"“incident status #{incident.id}” lists them."
            )
        if task.done_at:
            raise NothingToDo(f"Task {number} is done already.")
        return self.says(Verb.TASK_DONE, f"Task {number} is done: {task.what}.", asked, {"number": number})
