"""The words for what is not there are the SDK's; the engine shows them once, without a trace."""

import pulumi

pulumi.Config().require_secret("notFound")
