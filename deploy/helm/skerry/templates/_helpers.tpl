{{- define "skerry.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "skerry.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "skerry.labels" -}}
{{ include "skerry.selector" . }}
app.kubernetes.io/component: hub
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "skerry.image" -}}
{{- with .Values.image }}{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}{{ end -}}
{{- end }}

{{/* Several hubs: everything that lasts is elsewhere than on their own disks. */}}
{{- define "skerry.shared" -}}
{{- if .Values.database.existingSecret }}true{{ end -}}
{{- end }}

{{/* What cannot work is refused before anything is sent. */}}
{{- define "skerry.check" -}}
{{- $many := or (gt (int .Values.replicas) 1) .Values.autoscaling.enabled }}
{{- if and $many (not .Values.database.existingSecret) }}
{{- fail "more than one hub needs database.existingSecret: SQLite is for one" }}
{{- end }}
{{- if and .Values.database.existingSecret (not .Values.blobs.bucket) }}
{{- fail "database.existingSecret needs blobs.bucket: a hub with a database has no volume of its own" }}
{{- end }}
{{- if and .Values.database.existingSecret (not .Values.identity.existingSecret) }}
{{- fail "database.existingSecret needs identity.existingSecret: all hubs of a database have one authority and one signing key" }}
{{- end }}
{{- if and .Values.blobs.existingSecret (not .Values.blobs.bucket) }}
{{- fail "blobs.existingSecret goes with blobs.bucket" }}
{{- end }}
{{- end }}

{{- define "skerry.pod" -}}
metadata:
  labels:
    {{- include "skerry.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "skerry.name" . }}
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: hub
      image: {{ include "skerry.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - --data=/var/lib/skerry
        - --listen=0.0.0.0:8443
        - --log-level={{ .Values.logLevel }}
        {{- with .Values.publicUrl }}
        - --public-url={{ . }}
        {{- end }}
        {{- if .Values.identity.existingSecret }}
        - --secrets=/run/secrets/identity
        {{- end }}
        {{- if .Values.tls.existingSecret }}
        - --tls-cert=/run/secrets/tls/tls.crt
        - --tls-key=/run/secrets/tls/tls.key
        - --tls-ca=/run/secrets/tls/ca.crt
        {{- end }}
        {{- with .Values.blobs }}
        {{- if .bucket }}
        - --blobs=s3://{{ .bucket }}{{ with .prefix }}/{{ . }}{{ end }}
        {{- with .endpoint }}
        - --s3-endpoint={{ . }}
        {{- end }}
        {{- with .region }}
        - --s3-region={{ . }}
        {{- end }}
        {{- if .pathStyle }}
        - --s3-path-style
        {{- end }}
        {{- end }}
        {{- end }}
        {{- range .Values.extraArgs }}
        - {{ . | quote }}
        {{- end }}
      env:
        # The user has no home; what looks for one finds a place where it may write.
        - name: HOME
          value: /tmp
        {{- with .Values.database }}
        {{- if .existingSecret }}
        - name: DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ .existingSecret }}
              key: {{ .key }}
        {{- end }}
        {{- end }}
        {{- if .Values.blobs.existingSecret }}
        - name: AWS_SHARED_CREDENTIALS_FILE
          value: /run/secrets/s3/credentials
        {{- end }}
        {{- with .Values.extraEnv }}{{ toYaml . | nindent 8 }}{{ end }}
      ports:
        - name: https
          containerPort: 8443
          protocol: TCP
      # A hub waits a minute for its database, and may migrate it.
      startupProbe:
        httpGet:
          path: /healthz
          port: https
          scheme: HTTPS
        periodSeconds: 5
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /healthz
          port: https
          scheme: HTTPS
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      # The hub itself says whether it can work: records, blobs, disk. A device that is connected stays so.
      readinessProbe:
        httpGet:
          path: /readyz
          port: https
          scheme: HTTPS
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 3
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: data
          mountPath: /var/lib/skerry
        - name: tmp
          mountPath: /tmp
        {{- if .Values.identity.existingSecret }}
        - name: identity
          mountPath: /run/secrets/identity
          readOnly: true
        {{- end }}
        {{- if .Values.tls.existingSecret }}
        - name: tls
          mountPath: /run/secrets/tls
          readOnly: true
        {{- end }}
        {{- if .Values.blobs.existingSecret }}
        - name: s3
          mountPath: /run/secrets/s3
          readOnly: true
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 1Gi
    {{- if include "skerry.shared" . }}
    - name: data
      emptyDir:
        sizeLimit: {{ .Values.scratch.sizeLimit }}
    {{- end }}
    {{- range $name, $secret := dict "identity" .Values.identity.existingSecret "s3" .Values.blobs.existingSecret "tls" .Values.tls.existingSecret }}
    {{- with $secret }}
    - name: {{ $name }}
      secret:
        secretName: {{ . }}
        defaultMode: 0440
    {{- end }}
    {{- end }}
  {{- if and .Values.topologySpread (include "skerry.shared" .) }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "skerry.selector" . | nindent 10 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
