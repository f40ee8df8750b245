/** The Helm chart: rendered by the real Helm, checked strictly against the schemas of Kubernetes, installed on a server that only remembers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { HELP } from '../apps/hub/src/options.ts'
import { CHART, hasChartTools, helm, helmBeside, problemsOf } from './stage/chart-tools.ts'
import { type KubeObject, startKubeApi } from './stage/kube-api.ts'

const home = mkdtempSync(join(tmpdir(), 'skerry-helm-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

const sets: Record<string, string[]> = {
  'one hub with SQLite': ['publicUrl=https://hub.plant.example:8443'],
  'replicas with PostgreSQL and a bucket': [
    'replicas=2',
    'publicUrl=https://hub.plant.example:8443',
    'database.existingSecret=skerry-db',
    'identity.existingSecret=skerry-identity',
    'blobs.bucket=skerry-blobs',
    'blobs.prefix=plant',
  ],
  everything: [
    'database.existingSecret=skerry-db',
    'identity.existingSecret=skerry-identity',
    'tls.existingSecret=skerry-tls',
    'blobs.bucket=skerry-blobs',
    'blobs.endpoint=https://s3.plant.example:9000',
    'blobs.region=moon',
    'blobs.pathStyle=true',
    'blobs.existingSecret=skerry-s3',
    'autoscaling.enabled=true',
    'logLevel=warn',
    'networkPolicy.enabled=true',
    'networkPolicy.from[0].namespaceSelector.matchLabels.team=plant',
    'networkPolicy.to[0].ipBlock.cidr=10.0.0.0/8',
    'service.type=LoadBalancer',
    'service.port=443',
    'service.annotations.example\\.com/kind=nlb',
    'service.loadBalancerSourceRanges[0]=10.0.0.0/8',
    `image.digest=sha256:${'a'.repeat(64)}`,
    'image.pullSecrets[0].name=registry',
    'podLabels.team=plant',
    'podAnnotations.note=x',
    'nodeSelector.disk=fast',
    'extraArgs[0]=--webhook-allow=tests.plant.example',
    'extraEnv[0].name=NODE_EXTRA_CA_CERTS',
    'extraEnv[0].value=/run/secrets/tls/ca.crt',
    'tolerations[0].key=hub',
    'tolerations[0].operator=Exists',
    'serviceAccount.annotations.role=hub',
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key=zone',
    'affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator=Exists',
  ],
}

const given = (values: readonly string[]) => values.flatMap((value) => ['--set', value])

function render(values: readonly string[]): { text: string; objects: KubeObject[] } {
  const rendered = helm(['template', 'plant', CHART, '--namespace', 'skerry', ...given(values)], home)
  if (!rendered.ok) throw new Error(rendered.stderr)
  const objects = parseAllDocuments(rendered.stdout).map((document) => document.toJS() as KubeObject)
  return { text: rendered.stdout, objects }
}

describe.skipIf(!hasChartTools)('the chart', () => {
  test('pleases Helm', () => {
    expect(helm(['lint', '--strict', CHART], home)).toMatchObject({ ok: true })
  })

  test.each(Object.entries(sets))(
    'renders %s as Kubernetes wants it, and as it was looked at',
    async (name, values) => {
      const { text, objects } = render(values)
      expect(objects.length).toBeGreaterThan(2)
      for (const object of objects) expect(problemsOf(object), `${object.kind}`).toEqual([])
      await expect(text).toMatchFileSnapshot(`goldens/helm-${name.replaceAll(' ', '-')}.yaml`)
    },
  )

  test('what is misspelt in an object would be found', () => {
    const [hub] = render([]).objects.filter(({ kind }) => kind === 'StatefulSet')
    expect(problemsOf({ ...hub, spec: { ...(hub?.spec as object), replicass: 2 } } as KubeObject)).not.toEqual([])
    expect(problemsOf({ ...hub, spec: { ...(hub?.spec as object), replicas: 'two' } } as KubeObject)).not.toEqual([])
  })

  test.each(Object.entries(sets))('%s: the hub knows every argument, and nothing secret is one', (_, values) => {
    const hub = render(values).objects.find(({ kind }) => ['Deployment', 'StatefulSet'].includes(kind))
    const args = JSON.stringify(hub).match(/"--[a-z0-9-]+/g) ?? []
    for (const arg of args) expect(HELP).toContain(`  ${arg.slice(1)}`)
    expect(args).not.toContain('"--database-url')
  })

  test.each([
    ['replicas=2', 'needs database.existingSecret'],
    ['autoscaling.enabled=true', 'needs database.existingSecret'],
    ['database.existingSecret=db', 'needs blobs.bucket'],
    ['database.existingSecret=db,blobs.bucket=skerry-blobs', 'needs identity.existingSecret'],
    ['blobs.existingSecret=s3', 'goes with blobs.bucket'],
    ['replica=2', "additional properties 'replica' not allowed"],
    ['replicas=many', 'got string, want integer'],
    ['publicUrl=http://hub', 'does not match pattern'],
    ['image.tagg=1', "additional properties 'tagg' not allowed"],
  ])('%s is refused, saying why', (values, why) => {
    const { ok, stderr } = helm(['template', 'plant', CHART, '--set', values], home)
    expect([ok, stderr]).toEqual([false, expect.stringContaining(why)])
  })

  test('installs, upgrades and goes back', async () => {
    await using kube = await startKubeApi()
    const run = (...args: string[]) =>
      helmBeside([...args, '--namespace', 'skerry', '--kube-apiserver', kube.url], home)
    const shared = given(sets['replicas with PostgreSQL and a bucket'] ?? [])
    const replicas = () => (kube.objects('Deployment')[0]?.spec as { replicas?: number } | undefined)?.replicas
    // The server has no schemas; ours have been asked above.
    await run('install', 'plant', CHART, ...shared, '--disable-openapi-validation')
    expect(replicas()).toBe(2)
    await run('upgrade', 'plant', CHART, ...shared, '--set', 'replicas=3', '--disable-openapi-validation')
    expect(replicas()).toBe(3)
    expect(await run('history', 'plant')).toContain('superseded')
    await run('rollback', 'plant', '1')
    expect(replicas()).toBe(2)
    await run('uninstall', 'plant')
    expect(['Deployment', 'Service', 'PodDisruptionBudget'].flatMap(kube.objects)).toEqual([])
  })
})
