# The subscription comes from ARM_SUBSCRIPTION_ID, the login from `az login` (in a pipeline: ARM_USE_OIDC=true).
provider "azurerm" {
  # Registers what is used here and nothing else: version 5 registers nothing on its own.
  resource_provider_registrations = "none"
  resource_providers_to_register = [
    "Microsoft.ContainerRegistry",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
  ]

  features {}
}
