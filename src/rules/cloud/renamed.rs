//! What became of names that the providers dropped in the major versions that gen knows.

/// Kinds, and what to use now.
const KINDS: &[(&str, &str)] = &[
    (
        "azurerm_app_service",
        "use `azurerm_linux_web_app` or `azurerm_windows_web_app`",
    ),
    ("azurerm_app_service_plan", "use `azurerm_service_plan`"),
    (
        "azurerm_app_service_slot",
        "use `azurerm_linux_web_app_slot` or `azurerm_windows_web_app_slot`",
    ),
    (
        "azurerm_app_service_active_slot",
        "use `azurerm_web_app_active_slot`",
    ),
    (
        "azurerm_app_service_source_control_token",
        "use `azurerm_source_control_token`",
    ),
    (
        "azurerm_function_app",
        "use `azurerm_linux_function_app` or `azurerm_windows_function_app`",
    ),
    (
        "azurerm_function_app_slot",
        "use `azurerm_linux_function_app_slot` or `azurerm_windows_function_app_slot`",
    ),
    ("azurerm_sql_server", "use `azurerm_mssql_server`"),
    ("azurerm_sql_database", "use `azurerm_mssql_database`"),
    ("azurerm_sql_elasticpool", "use `azurerm_mssql_elasticpool`"),
    (
        "azurerm_sql_firewall_rule",
        "use `azurerm_mssql_firewall_rule`",
    ),
    (
        "azurerm_sql_virtual_network_rule",
        "use `azurerm_mssql_virtual_network_rule`",
    ),
    (
        "azurerm_sql_active_directory_administrator",
        "use the block `azuread_administrator` of `azurerm_mssql_server`",
    ),
    (
        "azurerm_postgresql_server",
        "use `azurerm_postgresql_flexible_server`",
    ),
    (
        "azurerm_postgresql_database",
        "use `azurerm_postgresql_flexible_server_database`",
    ),
    (
        "azurerm_postgresql_configuration",
        "use `azurerm_postgresql_flexible_server_configuration`",
    ),
    (
        "azurerm_postgresql_firewall_rule",
        "use `azurerm_postgresql_flexible_server_firewall_rule`",
    ),
    (
        "azurerm_mysql_server",
        "use `azurerm_mysql_flexible_server`",
    ),
    (
        "azurerm_mysql_database",
        "use `azurerm_mysql_flexible_database`",
    ),
    (
        "azurerm_mysql_configuration",
        "use `azurerm_mysql_flexible_server_configuration`",
    ),
    (
        "azurerm_mysql_firewall_rule",
        "use `azurerm_mysql_flexible_server_firewall_rule`",
    ),
    (
        "azurerm_mariadb_server",
        "use `azurerm_mysql_flexible_server`",
    ),
    (
        "azurerm_mariadb_database",
        "use `azurerm_mysql_flexible_database`",
    ),
    (
        "azurerm_template_deployment",
        "use `azurerm_resource_group_template_deployment`",
    ),
    (
        "azurerm_policy_assignment",
        "use the assignment of the scope, as `azurerm_resource_group_policy_assignment`",
    ),
    (
        "azurerm_security_center_assessment_metadata",
        "use `azurerm_security_center_assessment_policy`",
    ),
    (
        "azurerm_container_group_legacy",
        "use `azurerm_container_group`",
    ),
    (
        "azurerm_network_packet_capture",
        "use `azurerm_virtual_machine_packet_capture`",
    ),
    (
        "azurerm_monitor_action_rule_suppression",
        "use `azurerm_monitor_alert_processing_rule_suppression`",
    ),
    (
        "azurerm_azuread_application",
        "use `azuread_application` of the provider azuread",
    ),
    (
        "azurerm_azuread_service_principal",
        "use `azuread_service_principal` of the provider azuread",
    ),
    (
        "azurerm_azuread_service_principal_password",
        "use `azuread_service_principal_password` of the provider azuread",
    ),
    ("aws_db_security_group", "use `aws_security_group`"),
    ("aws_elasticache_security_group", "use `aws_security_group`"),
    ("aws_redshift_security_group", "use `aws_security_group`"),
    ("aws_subnet_ids", "use `aws_subnets`"),
    (
        "aws_batch_compute_environment_order",
        "use `compute_environment_order` of `aws_batch_job_queue`",
    ),
];

/// Arguments: the kind they were of, their name, and what to write now.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("aws_eip", "vpc", "write `domain = \"vpc\"`"),
    ("aws_db_instance", "name", "write `db_name`"),
    (
        "aws_db_instance",
        "security_group_names",
        "write `vpc_security_group_ids`",
    ),
    (
        "aws_elasticache_replication_group",
        "replication_group_description",
        "write `description`",
    ),
    (
        "aws_elasticache_replication_group",
        "number_cache_clusters",
        "write `num_cache_clusters`",
    ),
    (
        "aws_eks_addon",
        "resolve_conflicts",
        "write `resolve_conflicts_on_create` and `resolve_conflicts_on_update`",
    ),
    (
        "aws_launch_template",
        "elastic_gpu_specifications",
        "leave it away: the service has ended",
    ),
    (
        "aws_launch_template",
        "elastic_inference_accelerator",
        "leave it away: the service has ended",
    ),
    (
        "aws_instance",
        "cpu_core_count",
        "write `cpu_options { core_count = … }`",
    ),
    (
        "aws_instance",
        "cpu_threads_per_core",
        "write `cpu_options { threads_per_core = … }`",
    ),
    (
        "aws_autoscaling_group",
        "tags",
        "write one `tag { … }` block for each",
    ),
    (
        "aws_ecs_task_definition",
        "inference_accelerator",
        "leave it away: the service has ended",
    ),
    (
        "azurerm_kubernetes_cluster",
        "api_server_authorized_ip_ranges",
        "write `api_server_access_profile { authorized_ip_ranges = … }`",
    ),
    (
        "azurerm_kubernetes_cluster",
        "addon_profile",
        "write its parts as blocks and arguments of the cluster, as `oms_agent` and `azure_policy_enabled`",
    ),
    (
        "azurerm_kubernetes_cluster",
        "role_based_access_control",
        "write `role_based_access_control_enabled` and `azure_active_directory_role_based_access_control`",
    ),
    (
        "azurerm_kubernetes_cluster",
        "automatic_channel_upgrade",
        "write `automatic_upgrade_channel`",
    ),
    (
        "azurerm_kubernetes_cluster",
        "node_os_channel_upgrade",
        "write `node_os_upgrade_channel`",
    ),
    (
        "azurerm_kubernetes_cluster",
        "private_link_enabled",
        "write `private_cluster_enabled`",
    ),
    (
        "azurerm_storage_account",
        "enable_https_traffic_only",
        "write `https_traffic_only_enabled`",
    ),
    (
        "azurerm_storage_account",
        "allow_blob_public_access",
        "write `allow_nested_items_to_be_public`",
    ),
    (
        "azurerm_storage_account",
        "static_website",
        "use `azurerm_storage_account_static_website`",
    ),
    (
        "azurerm_storage_container",
        "storage_account_name",
        "write `storage_account_id`",
    ),
    (
        "azurerm_storage_share",
        "storage_account_name",
        "write `storage_account_id`",
    ),
    (
        "azurerm_subnet",
        "address_prefix",
        "write `address_prefixes = [ … ]`",
    ),
    (
        "azurerm_subnet",
        "enforce_private_link_endpoint_network_policies",
        "write `private_endpoint_network_policies`",
    ),
    (
        "azurerm_subnet",
        "private_endpoint_network_policies_enabled",
        "write `private_endpoint_network_policies`",
    ),
    (
        "azurerm_container_registry",
        "georeplication_locations",
        "write one `georeplications { … }` block for each",
    ),
    (
        "azurerm_container_registry",
        "retention_policy",
        "write `retention_policy_in_days`",
    ),
    (
        "azurerm_container_registry",
        "trust_policy",
        "write `trust_policy_enabled`",
    ),
    (
        "azurerm_key_vault",
        "enable_rbac_authorization",
        "write `rbac_authorization_enabled`",
    ),
    (
        "azurerm_key_vault",
        "soft_delete_enabled",
        "leave it away: it is always on",
    ),
    (
        "azurerm_redis_cache",
        "enable_non_ssl_port",
        "write `non_ssl_port_enabled`",
    ),
    (
        "azurerm_lb_rule",
        "backend_address_pool_id",
        "write `backend_address_pool_ids = [ … ]`",
    ),
    (
        "azurerm_federated_identity_credential",
        "parent_id",
        "write `user_assigned_identity_id`",
    ),
    (
        "azurerm_federated_identity_credential",
        "resource_group_name",
        "leave it away: the identity says it",
    ),
    (
        "azuread_application_federated_identity_credential",
        "application_object_id",
        "write `application_id`",
    ),
    (
        "azuread_application_password",
        "application_object_id",
        "write `application_id`",
    ),
    (
        "azuread_service_principal",
        "application_id",
        "write `client_id`",
    ),
    (
        "provider aws",
        "s3_force_path_style",
        "write `s3_use_path_style`",
    ),
    (
        "provider aws",
        "shared_credentials_file",
        "write `shared_credentials_files = [ … ]`",
    ),
    (
        "provider azurerm",
        "skip_provider_registration",
        "write `resource_provider_registrations = \"none\"`",
    ),
];

/// What to use instead of a kind that was removed.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    KINDS
        .iter()
        .find(|(own, _)| *own == name)
        .map(|(_, now)| *now)
}

/// What to write instead of an argument that was removed.
pub(super) fn argument(kind: &str, name: &str) -> Option<&'static str> {
    ARGUMENTS
        .iter()
        .find(|(own, argument, _)| *own == kind && *argument == name)
        .map(|(.., now)| *now)
}

/// A name of the same words in another order: `enable_auto_scaling` became `auto_scaling_enabled`.
pub(super) fn same_words<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let words = |name: &str| {
        let mut words: Vec<String> = name
            .split('_')
            .filter(|word| *word != "is")
            .map(|word| word.strip_suffix('d').unwrap_or(word).to_owned())
            .collect();
        words.sort();
        words
    };
    let wanted = words(name);
    names
        .into_iter()
        .find(|other| *other != name && words(other) == wanted)
}

#[cfg(test)]
mod tests {
    use crate::facts::provider::{self, Known};

    #[test]
    fn what_is_called_removed_is_not_in_the_tables() {
        for (kind, _) in super::KINDS {
            let provider = provider::of(kind).unwrap();
            let known = [false, true].map(|data| provider.kind(data, kind));
            assert!(known.contains(&Known::No), "{kind}");
        }
        for (kind, name, _) in super::ARGUMENTS {
            let known = match kind.strip_prefix("provider ") {
                Some(name) => provider::of(name).unwrap().configuration(),
                None => provider::of(kind).unwrap().kind(false, kind),
            };
            let Known::Shape(shape) = known else {
                panic!("no {kind}");
            };
            assert!(shape.field(name).is_none(), "{kind} {name}");
        }
    }

    #[test]
    fn words_in_another_order_are_the_same_name() {
        let now = ["auto_scaling_enabled", "fips_enabled"];
        assert_eq!(
            super::same_words("enable_auto_scaling", now),
            Some("auto_scaling_enabled")
        );
        assert_eq!(super::same_words("enable_host_encryption", now), None);
    }
}
