resource "azurerm_container_registry" "registry" {
  #checkov:skip=CKV_AZURE_139:Public access stays on so that GitHub-hosted runners can push; a Premium registry can be closed by public_network_access_enabled
  #checkov:skip=CKV_AZURE_163:The pipeline scans every image before it pushes; the SKU of each registry is a setting, Standard by default
  #checkov:skip=CKV_AZURE_164:Content trust is retired and azurerm 5 has no argument for it; images carry provenance attestations instead
  #checkov:skip=CKV_AZURE_165:Geo-replication is a Premium feature, chosen by georeplication_locations
  #checkov:skip=CKV_AZURE_166:Quarantine hides every pushed image until an outside scanner releases it; the pipeline scans before it pushes
  #checkov:skip=CKV_AZURE_167:Retention is a Premium feature, chosen by retention_days
  #checkov:skip=CKV_AZURE_233:Zone redundancy is a Premium feature, chosen by zone_redundancy_enabled
  #checkov:skip=CKV_AZURE_237:Dedicated data endpoints are a Premium feature, switched on with that SKU
  for_each = var.acrs

  name                = each.key
  location            = var.location
  resource_group_name = var.resource_group_name
  sku                 = each.value.sku
  tags                = var.tags

  admin_enabled          = false
  anonymous_pull_enabled = false
  role_assignment_mode   = each.value.role_assignment_mode

  public_network_access_enabled = each.value.public_network_access_enabled
  retention_policy_in_days      = each.value.retention_days
  zone_redundancy_enabled       = each.value.zone_redundancy_enabled
  data_endpoint_enabled         = each.value.sku == "Premium"

  dynamic "georeplications" {
    # Azure returns the replications in this order; any other order is a plan that never settles.
    for_each = sort(each.value.georeplication_locations)

    content {
      location                        = georeplications.value
      zone_redundancy_enabled         = each.value.zone_redundancy_enabled
      global_endpoint_routing_enabled = true
      tags                            = var.tags
    }
  }
}

module "kubelet_pull" {
  source = "../registry_role"
  for_each = {
    for pair in setproduct(keys(var.acrs), keys(var.kubelet_identities)) :
    "${pair[0]}-${pair[1]}" => { registry = pair[0], identity = pair[1] }
  }

  registry_id          = azurerm_container_registry.registry[each.value.registry].id
  role_assignment_mode = var.acrs[each.value.registry].role_assignment_mode
  principal_id         = var.kubelet_identities[each.value.identity]
  permission           = "pull"
  description          = "Nodes of ${each.value.identity} pull their images"
}
