variable "cluster_id" {
  description = "Resource id of the cluster."
  type        = string

  validation {
    condition     = can(regex("/providers/Microsoft\\.ContainerService/managedClusters/[^/]+$", var.cluster_id))
    error_message = "cluster_id must be the resource id of an AKS cluster, ending in /providers/Microsoft.ContainerService/managedClusters/<name>."
  }
}

variable "principal_id" {
  description = "Object id of the identity that deploys (not its client id: Kubernetes sees the object id as the user's name)."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.principal_id))
    error_message = "principal_id must be an object id (GUID)."
  }
}

variable "namespace" {
  description = "The one namespace that the identity may deploy into. It is made here, because the identity may not make namespaces."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,44}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be a Kubernetes name of at most 46 lower-case letters, digits and dashes: with -access behind it, it names the Helm release."
  }

  validation {
    condition     = !contains(["default", "kube-system", "kube-public", "kube-node-lease", "gatekeeper-system"], var.namespace)
    error_message = "namespace must be one of your own: those of the system are not for applications."
  }
}
