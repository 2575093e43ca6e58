"""${DESCRIPTION}"""

import pulumi

pulumi.export("greeting", f"hello from {pulumi.get_project()}/{pulumi.get_stack()}")
