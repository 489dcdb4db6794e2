{{/* What all queries about requests have in common: this release, without its probes. */}}
{{- define "web.requests" -}}
namespace="{{ .Release.Namespace }}",service="{{ include "web.fullname" . }}",route!~"{{ include "web.probes" . }}"
{{- end }}

{{- define "web.probes" -}}
{{- $paths := list }}
{{- range list .Values.startupProbe .Values.readinessProbe .Values.livenessProbe }}
{{- with dig "httpGet" "path" "" (. | default dict) }}
{{- $paths = append $paths . }}
{{- end }}
{{- end }}
{{- $paths | uniq | join "|" }}
{{- end }}

{{- define "web.pods" -}}
namespace="{{ .Release.Namespace }}",pod=~"{{ include "web.fullname" . }}-.+"
{{- end }}

{{/* One panel: title, unit, row, column and a list of queries, each [legend, expression]. */}}
{{- define "web.panel" -}}
- id: {{ add (mul .row 2) .column 1 }}
  title: {{ .title | quote }}
  type: timeseries
  datasource:
    type: prometheus
    uid: ${datasource}
  gridPos:
    h: 8
    w: 12
    x: {{ mul .column 12 }}
    y: {{ mul .row 8 }}
  fieldConfig:
    defaults:
      unit: {{ .unit | quote }}
      min: 0
    overrides: []
  options:
    legend:
      displayMode: list
      placement: bottom
    tooltip:
      mode: multi
  targets:
    {{- range $at, $query := .queries }}
    - refId: {{ index (list "A" "B" "C" "D") $at }}
      datasource:
        type: prometheus
        uid: ${datasource}
      legendFormat: {{ index $query 0 | quote }}
      expr: {{ index $query 1 | quote }}
    {{- end }}
{{- end }}

{{/* Grafana's dashboard as YAML; the ConfigMap holds it as JSON, with a name that no other release has. */}}
{{- define "web.dashboard" -}}
{{- $name := include "web.fullname" . }}
{{- $requests := include "web.requests" . }}
{{- $pods := include "web.pods" . }}
{{- $rate := printf "http_requests_total{%s}[$__rate_interval]" $requests }}
{{- $seconds := printf "http_request_duration_seconds_bucket{%s}[$__rate_interval]" $requests }}
uid: {{ printf "%s/%s" .Release.Namespace $name | sha1sum }}
title: {{ printf "%s (%s)" $name .Release.Namespace | quote }}
tags:
  - {{ $name | quote }}
editable: false
schemaVersion: 39
refresh: 30s
time:
  from: now-3h
  to: now
templating:
  list:
    - name: datasource
      label: Data source
      type: datasource
      query: prometheus
      current: {}
panels:
  {{- include "web.panel" (dict "title" "Requests" "unit" "reqps" "row" 0 "column" 0 "queries" (list
        (list "{{status}}" (printf "sum by (status) (rate(%s))" $rate)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "Answers with an error" "unit" "percentunit" "row" 0 "column" 1 "queries" (list
        (list "5xx" (printf "sum(rate(http_requests_total{%s,status=~\"5..\"}[$__rate_interval])) / sum(rate(%s))" $requests $rate))
        (list "4xx" (printf "sum(rate(http_requests_total{%s,status=~\"4..\"}[$__rate_interval])) / sum(rate(%s))" $requests $rate)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "Time to an answer" "unit" "s" "row" 1 "column" 0 "queries" (list
        (list "half" (printf "histogram_quantile(0.5, sum by (le) (rate(%s)))" $seconds))
        (list "95 %" (printf "histogram_quantile(0.95, sum by (le) (rate(%s)))" $seconds))
        (list "99 %" (printf "histogram_quantile(0.99, sum by (le) (rate(%s)))" $seconds)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "Slowest routes, 95 %" "unit" "s" "row" 1 "column" 1 "queries" (list
        (list "{{route}}" (printf "topk(5, histogram_quantile(0.95, sum by (le, route) (rate(%s))))" $seconds)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "CPU" "unit" "none" "row" 2 "column" 0 "queries" (list
        (list "{{pod}}" (printf "sum by (pod) (rate(container_cpu_usage_seconds_total{%s,container!=\"\"}[$__rate_interval]))" $pods)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "Memory" "unit" "bytes" "row" 2 "column" 1 "queries" (list
        (list "{{pod}}" (printf "sum by (pod) (container_memory_working_set_bytes{%s,container!=\"\"})" $pods)))) | nindent 2 }}
  {{- include "web.panel" (dict "title" "Pods" "unit" "none" "row" 3 "column" 0 "queries" (list
        (list "ready" (printf "sum(kube_pod_status_ready{%s,condition=\"true\"})" $pods))
        (list "restarts in an hour" (printf "sum(increase(kube_pod_container_status_restarts_total{%s}[1h]))" $pods)))) | nindent 2 }}
  {{- if .Values.storage.enabled }}
  {{- $claim := printf "namespace=\"%s\",persistentvolumeclaim=\"%s\"" .Release.Namespace (include "web.claim" .) }}
  {{- include "web.panel" (dict "title" "Volume" "unit" "percentunit" "row" 3 "column" 1 "queries" (list
        (list "used" (printf "max(kubelet_volume_stats_used_bytes{%s} / kubelet_volume_stats_capacity_bytes{%s})" $claim $claim)))) | nindent 2 }}
  {{- end }}
{{- end }}
