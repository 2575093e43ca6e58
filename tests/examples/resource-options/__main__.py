"""Each option of a resource, before and after an edit that it bears upon."""

import pulumi
from pulumi import ResourceOptions
from pulumi_more_kinds import Named, Replaced
from pulumi_testprovider import Echo
from word import WORD

protected = Echo("protected", ResourceOptions(protect=True), echo=WORD)
Echo("retained", ResourceOptions(retain_on_delete=True), echo=WORD)
Echo("ignoring", ResourceOptions(ignore_changes=["echo"]), echo=WORD, other=WORD)
Echo("ignoring-all", ResourceOptions(ignore_changes=["*"]), echo=WORD, other=WORD)
Echo("ignoring-parts", ResourceOptions(ignore_changes=["pairs.a", "listed[0]"]), pairs={"a": WORD}, listed=[WORD, "x"])
timeouts = pulumi.CustomTimeouts(create="5m", update="60s", delete="1h30m")
Echo("timed", ResourceOptions(custom_timeouts=timeouts), echo="same")
Echo("secretly", ResourceOptions(additional_secret_outputs=["echo"]), echo="one")
Echo("dependent", ResourceOptions(depends_on=[protected]), echo=WORD)
Echo("goes-with", ResourceOptions(deleted_with=protected), echo=WORD)
changing = Echo("by-change", ResourceOptions(replace_on_changes=["echo"]), echo=WORD)
Echo("by-wildcard", ResourceOptions(replace_on_changes=["pairs.*.deep"]), pairs={"a": {"deep": WORD}})
Echo("with-other", ResourceOptions(replace_with=[changing]), echo="same")
Echo("by-trigger", ResourceOptions(replacement_trigger=WORD), echo="same")
Echo("hidden", ResourceOptions(hide_diffs=["echo"]), echo=WORD)
Named("unique", ResourceOptions(replace_on_changes=["text"], delete_before_replace=True), name="taken", text=WORD)
Replaced("replaced", replaceProp=WORD, value=True)
Echo("steady", echo="same")
