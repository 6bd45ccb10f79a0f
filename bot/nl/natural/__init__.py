"""Requests in whole sentences, understood without a model.

A text goes through these stations, each a module: what is quoted is cut away and the rest divided into clauses (`speech`); words become
items, which are values or just words (`items`, `times`); the skills' verbs and phrases are found among them (`phrases`, with
`inflection`); what stands around a verb says whether it is asked for (`mood`); the items fill the skill's parameters (`filling`), with
earlier turns of the thread (`thread`); what is open becomes a question (`asking`). `interpreter` leads through it.
"""
