/**
 * Agent objects: a namespace with an agent in it, the rights that the agent needs there, and the Service from which its
 * pods fetch files. The rights are those of one namespace, and none of them reaches a node or another namespace.
 */
import type { ClusterObject } from './cluster-objects.ts'

export type AgentWishes = {
  namespace: string
  image: string
  replicas: { min: number; max: number }
  filesPort: number
  /** The name of the device. */
  name: string | undefined
}

const NAME = 'skerry-agent'

/** [deploy/Dockerfile] The user of the image. */
const USER = 10_001

/** The verbs of server-side apply, of lists, and of removal. */
const VERBS = ['get', 'list', 'create', 'patch', 'delete']

/** In the order in which they are applied. */
export function agentObjects(wishes: AgentWishes): ClusterObject[] {
  const { namespace, filesPort } = wishes
  const metadata = { name: NAME, namespace, labels: { 'app.kubernetes.io/name': NAME } }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: rules() },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
      subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: { 'app.kubernetes.io/name': NAME },
        ports: [{ name: 'files', port: filesPort, targetPort: 'files', protocol: 'TCP' }],
      },
    },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: agentSpec(wishes) },
  ]
}

const rules = () => [
  { apiGroups: [''], resources: ['secrets', 'services'], verbs: VERBS },
  { apiGroups: ['apps'], resources: ['deployments'], verbs: VERBS },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: VERBS },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: VERBS },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
]

/** One agent: the identity of the device is on its volume. */
function agentSpec({ image, replicas: { min, max }, filesPort, name }: AgentWishes) {
  const labels = { 'app.kubernetes.io/name': NAME }
  return {
    serviceName: NAME,
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: NAME,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          fsGroup: USER,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'agent',
            image,
            args: [
              ...['--kubernetes', '--data', '/var/lib/skerry', '--join-file', '/run/secrets/skerry/token'],
              ...['--image', image, '--replicas', min === max ? String(min) : `${min}-${max}`],
              ...['--files-listen', `0.0.0.0:${filesPort}`],
              ...(name === undefined ? [] : ['--name', name]),
            ],
            ports: [{ name: 'files', containerPort: filesPort, protocol: 'TCP' }],
            resources: { requests: { cpu: '200m', memory: '256Mi' }, limits: { memory: '1Gi' } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
            volumeMounts: [
              { name: 'data', mountPath: '/var/lib/skerry' },
              { name: 'join', mountPath: '/run/secrets/skerry', readOnly: true },
              { name: 'tmp', mountPath: '/tmp' },
            ],
          },
        ],
        volumes: [
          { name: 'join', secret: { secretName: 'skerry-join', optional: true } },
          { name: 'tmp', emptyDir: {} },
        ],
      },
    },
    volumeClaimTemplates: [
      {
        metadata: { name: 'data' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
      },
    ],
  }
}
