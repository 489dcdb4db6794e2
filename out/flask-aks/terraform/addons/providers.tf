# The subscription comes from ARM_SUBSCRIPTION_ID, the login from `az login` (in a pipeline: ARM_USE_OIDC=true).
provider "azurerm" {
  # The roots shared and cluster have registered what is needed.
  resource_provider_registrations = "none"

  features {}
}

provider "helm" {
  kubernetes = {
    host                   = data.azurerm_kubernetes_cluster.cluster.kube_config[0].host
    cluster_ca_certificate = base64decode(data.azurerm_kubernetes_cluster.cluster.kube_config[0].cluster_ca_certificate)

    # A token of whoever runs terraform, for each run. The id is that of AKS in every Entra directory.
    exec = {
      api_version = "client.authentication.k8s.io/v1beta1"
      command     = "kubelogin"
      args        = ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"]
    }
  }
}
