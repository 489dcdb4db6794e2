{{/*
Names begin with `web.` and not with the chart's own name: the same templates serve every application.
Whatever a value puts into YAML is quoted, so that a name like `1234` or `true` stays a string.
*/}}

{{- define "web.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
The name of every object: the release, with the chart's name behind it unless the release has it already.
63 characters, because a Service name is a DNS label.
*/}}
{{- define "web.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "web.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "web.labels" -}}
helm.sh/chart: {{ include "web.chart" . | quote }}
{{ include "web.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
{{- end }}

{{/*
What pods carry. The chart's version is not among it: a new chart that changes nothing of the pods
restarts none of them.
*/}}
{{- define "web.podLabels" -}}
{{ include "web.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | trimAll "-_." | quote }}
{{- end }}

{{/* A Deployment's selector can never be changed: nothing that varies belongs here. */}}
{{- define "web.selectorLabels" -}}
app.kubernetes.io/name: {{ include "web.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{/*
The pod of `helm test`. It must not match the selector labels, or the Service and the disruption
budget would count it as one of the application's pods.
*/}}
{{- define "web.testLabels" -}}
app.kubernetes.io/name: {{ printf "%s-test" (include "web.name" . | trunc 58 | trimSuffix "-") | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "web.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "web.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* A digest alone says which image it is; the tag stays beside it for people to read. */}}
{{- define "web.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s%s@%s" .repository (empty .tag | ternary "" (printf ":%s" .tag)) .digest }}
{{- else }}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The variables that the values name, as every container of the application has them. */}}
{{- define "web.variables" -}}
{{- with .Values.env -}}
{{ toYaml . }}
{{ end -}}
{{- range .Values.secretEnv -}}
- name: {{ .name | quote }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret | quote }}
      key: {{ .key | quote }}
{{ end -}}
{{- end }}

{{- define "web.environment" -}}
{{- with include "web.variables" . | trim -}}
env:
  {{- . | nindent 2 }}
{{ end -}}
{{- with .Values.envFrom -}}
envFrom:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- end }}

{{/* With METRICS_PORT the server serves metrics there; what runs before it must not. */}}
{{- define "web.serverEnvironment" -}}
{{- $variables := include "web.variables" . | trim -}}
{{- if or $variables .Values.metrics.enabled -}}
env:
  {{- with $variables }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- if .Values.metrics.enabled }}
  - name: METRICS_PORT
    value: {{ .Values.metrics.port | quote }}
  {{- end }}
{{ end -}}
{{- with .Values.envFrom -}}
envFrom:
  {{- toYaml . | nindent 2 }}
{{ end -}}
{{- end }}

{{- define "web.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .Values.storage.enabled }}
- name: data
  mountPath: {{ .Values.storage.mountPath | quote }}
{{- end }}
{{- with .Values.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "web.claim" -}}
{{- printf "%s-data" (include "web.fullname" . | trunc 58 | trimSuffix "-") }}
{{- end }}

{{/* A PersistentVolume belongs to no namespace, so its name has the release's. */}}
{{- define "web.volume" -}}
{{- printf "%s-%s" .Release.Namespace (include "web.claim" .) }}
{{- end }}
