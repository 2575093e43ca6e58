"""Our providers as plugins: any `contract.protocol.Provider` behind Pulumi's provider protocol."""
