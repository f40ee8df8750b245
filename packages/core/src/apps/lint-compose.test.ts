import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { expect, test } from 'vitest'
import { environmentOf } from './app-environment.ts'
import { type LintOptions, lintCompose, withImages } from './lint-compose.ts'

const web = { image: 'web:1' }
const lint = (service: object, top: object = {}, options: LintOptions = {}) =>
  lintCompose({ services: { web: { ...web, ...service } }, ...top }, options)

const found = (...args: Parameters<typeof lint>) =>
  lint(...args).problems.map(({ path, code }) => `${code} ${path.join('.')}`)

const images = new Map([
  [
    'web:1',
    { manifest: fakeDigest(1), config: fakeDigest(2), platform: { os: 'linux', architecture: 'amd64' } as const },
  ],
])

test('a service without settings gets the mandatory limits and the usual restart policy', () => {
  const { draft, problems } = lint({})
  expect(problems).toEqual([])
  expect(withImages(draft, images)).toEqual({
    ok: true,
    app: {
      v: 1,
      services: {
        web: {
          image: fakeDigest(1),
          imageId: fakeDigest(2),
          imageName: 'web:1',
          platform: { os: 'linux', architecture: 'amd64' },
          resources: { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 256 },
          restart: 'unless-stopped',
          stopGraceMs: 10_000,
        },
      },
    },
  })
})

test('all fields of the subset are read, in their short and long forms', () => {
  const { draft, problems } = lint(
    {
      command: `sh -c 'echo "$$HOME" two'`,
      entrypoint: ['/init', 3],
      environment: ['MODE=live', 'EMPTY=', 'WITH=a=b'],
      user: 1000,
      working_dir: '/srv',
      ports: ['8080:80', '0.0.0.0:53:53/udp', { target: 443, published: '8443', host_ip: '::1' }],
      volumes: ['data:/data:ro', { type: 'volume', source: 'data', target: '/more' }],
      tmpfs: '/run',
      read_only: true,
      healthcheck: { test: 'wget -q localhost', interval: '1m30s', timeout: '500ms', retries: 5, start_period: '2s' },
      deploy: { resources: { limits: { cpus: '0.5', memory: '64M', pids: 20 } } },
      restart: false,
      network_mode: 'bridge',
      stop_grace_period: '1.5s',
      stop_signal: 'SIGINT',
      expose: ['80'],
      'x-note': 'for people',
    },
    { version: '3.9', name: 'plant', volumes: { data: null }, 'x-top': {} },
  )
  expect(problems).toEqual([])
  expect(draft.services.web).toEqual({
    imageName: 'web:1',
    platform: undefined,
    command: ['sh', '-c', 'echo "$HOME" two'],
    entrypoint: ['/init', '3'],
    environment: { MODE: 'live', EMPTY: '', WITH: 'a=b' },
    user: '1000',
    workingDir: '/srv',
    ports: [
      { host: 8080, container: 80, protocol: 'tcp', address: '127.0.0.1' },
      { host: 53, container: 53, protocol: 'udp', address: '0.0.0.0' },
      { host: 8443, container: 443, protocol: 'tcp', address: '::1' },
    ],
    volumes: [
      { name: 'data', target: '/data', readOnly: true },
      { name: 'data', target: '/more' },
    ],
    tmpfs: ['/run'],
    readOnly: true,
    healthcheck: {
      test: ['CMD-SHELL', 'wget -q localhost'],
      intervalMs: 90_000,
      timeoutMs: 500,
      retries: 5,
      startPeriodMs: 2_000,
    },
    resources: { cpus: 0.5, memoryBytes: 64 * 1024 ** 2, pids: 20 },
    restart: 'no',
    networkMode: 'bridge',
    stopGraceMs: 1_500,
    stopSignal: 'SIGINT',
  })
})

const volumes = { volumes: { data: {} } }

test.each([
  ['privileged mode', { privileged: true }, 'privileged'],
  ['a capability', { cap_add: ['SYS_ADMIN'] }, 'cap_add'],
  ['a device', { devices: ['/dev/mem:/dev/mem'] }, 'devices'],
  ['rules for devices', { device_cgroup_rules: ['a *:* rwm'] }, 'device_cgroup_rules'],
  ['graphics processors', { gpus: 'all' }, 'gpus'],
  ['another runtime', { runtime: 'nvidia' }, 'runtime'],
  ['no seccomp profile', { security_opt: ['seccomp=unconfined'] }, 'security_opt'],
  ['the processes of the device', { pid: 'host' }, 'pid'],
  ['the shared memory of the device', { ipc: 'host' }, 'ipc'],
  ['the host name of the device', { uts: 'host' }, 'uts'],
  ['the control groups of the device', { cgroup: 'host' }, 'cgroup'],
  ['another control group', { cgroup_parent: '/' }, 'cgroup_parent'],
  ['the users of the device', { userns_mode: 'host' }, 'userns_mode'],
  ['a group of the device', { group_add: ['docker'] }, 'group_add'],
  ['settings of the kernel', { sysctls: { 'kernel.core_pattern': '|/x' } }, 'sysctls'],
  ['volumes of another container', { volumes_from: ['container:db'] }, 'volumes_from'],
  ['the socket of the engine', { use_api_socket: true }, 'use_api_socket'],
  ['no out-of-memory killer', { oom_kill_disable: true }, 'oom_kill_disable'],
  ['the network of the device', { network_mode: 'host' }, 'network_mode'],
  ['the network of another container', { network_mode: 'container:db' }, 'network_mode'],
  ['reserved devices', { deploy: { resources: { reservations: { devices: [] } } } }, 'deploy.resources.reservations'],
  ['an absolute path of the device', { volumes: ['/etc:/data'] }, 'volumes.0'],
  ['a relative path of the device', { volumes: ['./data:/data'] }, 'volumes.0'],
  ['a home folder of the device', { volumes: ['~/data:/data'] }, 'volumes.0'],
  ['a path above the file', { volumes: ['../data:/data'] }, 'volumes.0'],
  ['a name that climbs', { volumes: ['data/../../etc:/data'] }, 'volumes.0'],
  ['docker.sock', { volumes: ['/var/run/docker.sock:/var/run/docker.sock'] }, 'volumes.0'],
  [
    'docker.sock by a long form',
    { volumes: [{ type: 'bind', source: '/run/docker.sock', target: '/x' }] },
    'volumes.0.source',
  ],
  ['docker.sock as a target', { volumes: ['data:/var/run/docker.sock'] }, 'volumes.0'],
  ['a mount over the kernel', { volumes: ['data:/proc/sys'] }, 'volumes.0'],
  ['a temporary file system over the kernel', { tmpfs: ['/dev'] }, 'tmpfs.0'],
])('a service cannot have %s', (_, service, path) => {
  expect(found(service, volumes)).toContain(`host_access services.web.${path}`)
})

test.each([
  [
    'options of a volume that bind a folder',
    { volumes: { data: { driver_opts: { type: 'none', o: 'bind', device: '/' } } } },
    'driver_opts',
  ],
  ['another driver of volumes', { volumes: { data: { driver: 'nfs' } } }, 'driver'],
  ['a volume of somebody else', { volumes: { data: { external: true } } }, 'external'],
])('a file cannot have %s', (_, top, field) => {
  expect(found({}, top)).toEqual([`host_access volumes.data.${field}`])
})

test.each([
  ['parent folders in a target', { volumes: ['data:/data/../etc'] }, 'value_invalid services.web.volumes.0'],
  ['a relative target', { volumes: ['data:data'] }, 'value_invalid services.web.volumes.0'],
  ['the root as a target', { volumes: ['data:/'] }, 'value_invalid services.web.volumes.0'],
  ['parent folders in a working folder', { working_dir: '/srv/../..' }, 'value_invalid services.web.working_dir'],
  ['a volume that nobody declared', { volumes: ['other:/data'] }, 'reference_unknown services.web.volumes.0'],
  ['a volume without a name', { volumes: ['/data'] }, 'field_unsupported services.web.volumes.0'],
  ['a variable of the pushing machine', { command: 'serve $SECRET' }, 'field_unsupported services.web.command'],
  ['a variable with a default', { image: 'web:$' + '{TAG:-1}' }, 'field_unsupported services.web.image'],
  ['a variable without a value', { environment: ['AWS_PROFILE'] }, 'value_invalid services.web.environment.0'],
  ['a variable that is empty in a map', { environment: { HOME: null } }, 'value_invalid services.web.environment.HOME'],
  ['a name with a line break', { environment: { 'A\nB': '1' } }, 'value_invalid services.web.environment.A\nB'],
  ['a zero byte', { environment: { A: '1\0B=2' } }, 'value_invalid services.web.environment.A'],
  ['a map as a value', { environment: { A: { B: 1 } } }, 'value_invalid services.web.environment.A'],
  ['a file of variables', { env_file: '.env' }, 'field_unsupported services.web.env_file'],
  ['another file', { extends: { file: '../x.yaml' } }, 'field_unsupported services.web.extends'],
  ['a build', { build: '.' }, 'field_unsupported services.web.build'],
  ['a merge key', { '<<': {} }, 'field_unsupported services.web.<<'],
  ['an unknown field', { enviroment: {} }, 'field_unknown services.web.enviroment'],
  [
    'an unknown field of a check',
    { healthcheck: { test: 'x', tries: 1 } },
    'field_unknown services.web.healthcheck.tries',
  ],
  ['a random port', { ports: ['80'] }, 'value_invalid services.web.ports.0'],
  ['a range of ports', { ports: ['80-90:80-90'] }, 'field_unsupported services.web.ports.0'],
  ['a port that does not exist', { ports: ['70000:80'] }, 'value_invalid services.web.ports.0'],
  ['a port twice', { ports: ['80:80', '0.0.0.0:80:81'] }, 'value_invalid services.web.ports.1'],
  ['a health check without a test', { healthcheck: { interval: '1s' } }, 'value_invalid services.web.healthcheck.test'],
  [
    'a health check in a hurry',
    { healthcheck: { test: 'x', interval: '1us' } },
    'value_invalid services.web.healthcheck.interval',
  ],
  ['no memory', { mem_limit: '1k' }, 'value_invalid services.web.deploy.resources.limits.memory'],
  [
    'two limits',
    { mem_limit: '1g', deploy: { resources: { limits: { memory: '1g' } } } },
    'value_invalid services.web.mem_limit',
  ],
  ['a dependency on nothing', { depends_on: ['db'] }, 'value_invalid services.web.depends_on.db'],
  ['a dependency on itself', { depends_on: ['web'] }, 'value_invalid services'],
  ['an unclosed quotation mark', { command: 'sh -c "x' }, 'value_invalid services.web.command'],
  ['a text as a list', { ports: '80:80' }, 'value_invalid services.web.ports'],
])('a service cannot have %s', (_, service, problem) => {
  expect(found(service, volumes)).toContain(problem)
})

test('the health of a service without a check cannot be awaited', () => {
  const services = { web: { ...web, depends_on: { db: { condition: 'service_healthy' } } }, db: web }
  expect(lintCompose({ services }).problems.map(({ message }) => message)).toEqual([
    'db has no health check to wait for',
  ])
})

test('a file that is no map, or has no or too many services, is rejected', () => {
  for (const document of [undefined, null, 'text', [], 7]) expect(lintCompose(document).problems).toHaveLength(1)
  expect(lintCompose({ services: {} }).problems).toMatchObject([{ path: ['services'] }])
  const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`s${index}`, web]))
  expect(lintCompose({ services: many }).problems).toMatchObject([{ path: ['services'] }])
})

test.each(['Web', 'a_b', '../x', '__proto__', 'a/b', 'x'.repeat(64)])('%s is no name of a service', (name) => {
  const services = Object.fromEntries([[name, web]])
  expect(lintCompose({ services }).problems.map(({ code }) => code)).toContain('value_invalid')
})

test.each([
  ['DB_PASSWORD', 'correct horse'],
  ['API_KEY', 'abcdef'],
  ['github', `ghp_${'a'.repeat(36)}`],
  ['URL', 'postgres://user:pass@db/x'],
  ['KEY', '-----BEGIN EC PRIVATE KEY-----'],
  ['AWS', 'AKIAABCDEFGHIJKLMNOP'],
])('a secret in the variable %s is found', (name, value) => {
  expect(found({ environment: { [name]: value } })).toEqual([`secret_found services.web.environment.${name}`])
  expect(found({ environment: { [name]: value } }, {}, { notSecret: new Set([`web.${name}`]) })).toEqual([])
})

test('a path to a secret, an empty value and a setting are no secrets, and a command can have one', () => {
  const environment = {
    DB_PASSWORD_FILE: '/run/x',
    TOKEN: '',
    SECRET: '/run/y',
    TOKEN_SECONDS: 60,
    URL: 'http://db:80/',
  }
  expect(found({ environment })).toEqual([])
  expect(found({ command: ['serve', 'https://a:b@example.com'] })).toEqual(['secret_found services.web.command'])
})

test('an image that no archive has, or of another platform, is named', () => {
  expect(withImages(lint({ image: 'other' }).draft, images)).toMatchObject({
    ok: false,
    problems: [{ path: ['services', 'web', 'image'], code: 'reference_unknown' }],
  })
  expect(withImages(lint({ platform: 'linux/arm64' }).draft, images)).toMatchObject({ ok: false })
})

test('a setting of the deployment replaces a variable of the release', () => {
  expect(environmentOf({ environment: { A: '1', B: '2' } }, { B: 3, C: true })).toEqual({ A: '1', B: '3', C: 'true' })
  expect(environmentOf({})).toEqual({})
})

const serving = (serves: unknown) => ({ ports: ['8000:8000', '53:53/udp'], 'x-skerry-serves': serves })

test('a service declares the models that it answers for', () => {
  const { draft, problems } = lint(
    serving([
      { model: 'digits', port: 8000 },
      { model: 'a.b', port: '8000', binary: true },
      { model: 'small', port: 8000, protocol: 'openai' },
    ]),
  )
  expect(problems).toEqual([])
  expect(draft.services.web?.serves).toEqual([
    { model: 'digits', port: 8000, protocol: 'oip' },
    { model: 'a.b', port: 8000, protocol: 'oip', isBinary: true },
    { model: 'small', port: 8000, protocol: 'openai' },
  ])
})

test.each([
  ['value_invalid services.web.x-skerry-serves', serving('digits')],
  ['value_invalid services.web.x-skerry-serves.0', serving(['digits'])],
  ['value_invalid services.web.x-skerry-serves.0', serving([{ port: 8000 }])],
  ['value_invalid services.web.x-skerry-serves.0', serving([{ model: 'm' }])],
  ['value_invalid services.web.x-skerry-serves.0.protocol', serving([{ model: 'm', port: 8000, protocol: 'grpc' }])],
  ['value_invalid services.web.x-skerry-serves.0.model', serving([{ model: '../x', port: 8000 }])],
  ['field_unknown services.web.x-skerry-serves.0.host', serving([{ model: 'm', port: 8000, host: '10.0.0.1' }])],
  // No port of the device leads to it.
  ['value_invalid services.web.x-skerry-serves.0', serving([{ model: 'm', port: 8001 }])],
  ['value_invalid services.web.x-skerry-serves.0', serving([{ model: 'm', port: 53 }])],
  [
    'value_invalid services.web.x-skerry-serves.1',
    serving([
      { model: 'm', port: 8000 },
      { model: 'm', port: 8000 },
    ]),
  ],
  ['field_unknown services.web.x-skerry-serve', { 'x-skerry-serve': [] }],
])('a wrong declaration is rejected: %s', (problem, service) => {
  expect(found(service)).toEqual([problem])
})

const hosting = (repository: unknown) => ({ ports: ['8000:8000', '53:53/udp'], 'x-skerry-repository': repository })

test('a service declares the folder in which its server finds models', () => {
  const { draft, problems } = lint(hosting({ path: '/models', port: 8000 }))
  expect(problems).toEqual([])
  expect(draft.services.web?.repository).toEqual({ path: '/models', port: 8000, load: 'request' })
  expect(
    lint(hosting({ path: '/m', port: '8000', load: 'restart', binary: true })).draft.services.web?.repository,
  ).toEqual({ path: '/m', port: 8000, load: 'restart', isBinary: true })
})

test.each([
  ['value_invalid services.web.x-skerry-repository', hosting('/models')],
  ['value_invalid services.web.x-skerry-repository', hosting({ port: 8000 })],
  ['value_invalid services.web.x-skerry-repository', hosting({ path: '/models' })],
  ['value_invalid services.web.x-skerry-repository.path', hosting({ path: '/models/../etc', port: 8000 })],
  ['value_invalid services.web.x-skerry-repository.load', hosting({ path: '/models', port: 8000, load: 'poll' })],
  ['field_unknown services.web.x-skerry-repository.host', hosting({ path: '/models', port: 8000, host: '/etc' })],
  // No port of the device leads to it.
  ['value_invalid services.web.x-skerry-repository', hosting({ path: '/models', port: 53 })],
])('a wrong model repository is rejected: %s', (problem, service) => {
  expect(found(service)).toEqual([problem])
})

const DECLARED = { secrets: { db: { external: true }, 'ca.pem': { external: true } } }

test('a service names secrets of the device', () => {
  const { draft, problems } = lint({ secrets: ['db', { source: 'ca.pem' }, 'db'] }, DECLARED)
  expect(problems).toEqual([])
  expect(draft.services.web?.secrets).toEqual(['db', 'ca.pem'])
})

test.each([
  ['reference_unknown services.web.secrets.0', { secrets: ['other'] }, DECLARED],
  ['field_unsupported services.web.secrets.0.target', { secrets: [{ source: 'db', target: '/etc/shadow' }] }, DECLARED],
  ['value_invalid services.web.secrets', { secrets: 'db' }, DECLARED],
  ['value_invalid secrets.db.external', {}, { secrets: { db: { external: false } } }],
  ['value_invalid secrets.db', {}, { secrets: { db: null } }],
  ['value_invalid secrets.../x', {}, { secrets: { '../x': { external: true } } }],
])('a wrong secret is rejected: %s', (problem, service, top) => {
  expect(found(service, top)).toEqual([problem])
})

test('the value of a secret never comes from the machine that pushes', () => {
  expect(found({}, { secrets: { db: { file: './db.txt' } } })).toEqual([
    'field_unsupported secrets.db.file',
    'value_invalid secrets.db.external',
  ])
})

test('a service names data of the device', () => {
  const { draft, problems } = lint({ 'x-skerry-data': ['limits', 'limits', 'labels'] })
  expect([draft.services.web?.data, problems]).toEqual([['limits', 'labels'], []])
  expect(found({ 'x-skerry-data': ['../limits'] })).toEqual(['value_invalid services.web.x-skerry-data.0'])
  expect(found({ 'x-skerry-data': 'limits' })).toEqual(['value_invalid services.web.x-skerry-data'])
})

test('the policy for drift is one of two words', () => {
  expect(lint({}, { 'x-skerry-drift': 'report' }).draft.drift).toBe('report')
  expect(lint({}, { 'x-skerry-drift': 'correct' }).draft).not.toHaveProperty('drift')
  expect(found({}, { 'x-skerry-drift': 'ignore' })).toEqual(['value_invalid x-skerry-drift'])
})
