"""Files, texts, folders and archives of them: what changed is told by content, from the program's own folder."""

import pulumi
from pulumi_more_kinds import ArchiveResource, AssetResource

note = pulumi.FileAsset("data/note.txt")
text = pulumi.StringAsset("some text")
AssetResource("file", value=note)
AssetResource("text", value=text)
ArchiveResource("folder", value=pulumi.FileArchive("data"))
ArchiveResource("made", value=pulumi.AssetArchive({"note.txt": note, "text.txt": text}))
ArchiveResource("nested", value=pulumi.AssetArchive({"inner": pulumi.FileArchive("data"), "text.txt": text}))
AssetResource("listed", value=[text, pulumi.Output.secret(text)])
ArchiveResource("still", value=pulumi.AssetArchive({"text.txt": text}))
pulumi.export("asset", "")
