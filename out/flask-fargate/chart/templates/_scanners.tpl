{{/*
What scanners ask for and this chart decides otherwise. checkov prints its reasons. kube-score has no room for
any; those of its checks that are set aside here:
- container-image-pull-policy: as CKV_K8S_15
- container-ephemeral-storage-request-and-limit: only logs are on the node's disk, and the kubelet rotates them
- container-resources: one check for all requests and limits, set aside where there is no CPU limit, as CKV_K8S_11
- deployment-has-host-podantiaffinity: topologySpreadConstraints spread the pods and leave none unscheduled
- pod-probes-identical: the application has one health address for both
- the rest: the values ask for it (one pod, Recreate) or have it switched off
*/}}

{{- define "web.containerExceptions" -}}
{{- if ne .Values.image.pullPolicy "Always" -}}
checkov.io/skip1: CKV_K8S_15=a version tag is pushed once and never moved, so a node need not ask the registry again
{{ end -}}
{{- if not .Values.image.digest -}}
checkov.io/skip2: CKV_K8S_43=deployed by version tag; image.digest pins the bytes as well
{{ end -}}
{{- if not (dig "limits" "cpu" "" .Values.resources) -}}
checkov.io/skip3: CKV_K8S_11=no CPU limit, which would slow the application down beside idle cores; the request keeps its share
{{ end -}}
{{- end }}

{{- define "web.containerIgnores" -}}
container-ephemeral-storage-request-and-limit
{{- if ne .Values.image.pullPolicy "Always" }},container-image-pull-policy{{ end }}
{{- if not (dig "limits" "cpu" "" .Values.resources) }},container-resources{{ end }}
{{- end }}

{{- define "web.deploymentExceptions" -}}
{{ include "web.containerExceptions" . -}}
{{- if not .Values.networkPolicy.enabled -}}
checkov.io/skip4: CKV2_K8S_6=switched off by networkPolicy.enabled
{{ end -}}
{{- if or .Values.secretEnv .Values.envFrom -}}
checkov.io/skip5: CKV_K8S_35=the application takes its configuration from the environment
{{ end -}}
kube-score/ignore: {{ include "web.containerIgnores" . }},deployment-has-host-podantiaffinity
{{- if not .Values.networkPolicy.enabled }},pod-networkpolicy{{ end }}
{{- if not .Values.podDisruptionBudget.enabled }},deployment-has-poddisruptionbudget{{ end }}
{{- if and (not .Values.autoscaling.enabled) (lt (int .Values.replicaCount) 2) }},deployment-replicas{{ end }}
{{- if eq .Values.strategy.type "Recreate" }},deployment-strategy{{ end }}
{{- if and .Values.livenessProbe (eq (dig "httpGet" "path" "" .Values.livenessProbe) (dig "httpGet" "path" "/" (.Values.readinessProbe | default dict))) }},pod-probes-identical{{ end }}
{{- end }}

{{- define "web.autoscalerExceptions" -}}
{{- if lt (int .Values.autoscaling.minReplicas) 2 -}}
kube-score/ignore: horizontalpodautoscaler-replicas
{{- end }}
{{- end }}

{{- define "web.testExceptions" -}}
{{ include "web.containerExceptions" . -}}
checkov.io/skip4: CKV2_K8S_6=runs once and ends; nothing connects to it
checkov.io/skip5: CKV_K8S_8=runs once and ends
checkov.io/skip6: CKV_K8S_9=runs once and ends
kube-score/ignore: {{ include "web.containerIgnores" . }},pod-networkpolicy
{{- end }}
