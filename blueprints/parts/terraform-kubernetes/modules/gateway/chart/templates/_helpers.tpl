{{/*
Which namespaces may attach routes: those that were named, and this one, where the redirect and the
solver of cert-manager are. A selector on the name that Kubernetes itself puts on every namespace,
so that nobody grants access by labelling a namespace of their own.
*/}}
{{- define "entry.routeNamespaces" -}}
from: Selector
selector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values:
        {{- append .Values.routeNamespaces .Release.Namespace | uniq | sortAlpha | toYaml | nindent 8 }}
{{- end -}}
