import { readFileSync } from 'node:fs'
import { InstructionSet } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { CLUSTER_FLAGS } from './kubernetes/cluster-options.ts'
import { parseOptions } from './options.ts'

const parse = (...args: string[]) => parseOptions(args, { SKERRY_HOME: '/srv/skerry' })

test('has a default for everything', () => {
  expect(parse()).toEqual({
    ok: true,
    options: {
      data: '/srv/skerry/agent',
      joinToken: undefined,
      joinFile: undefined,
      rest: { host: '127.0.0.1', port: 8500 },
      grpc: { host: '127.0.0.1', port: 8501 },
      locks: '/srv/skerry/agent/locks',
      name: undefined,
      serial: undefined,
      encryptModels: undefined,
      sealKey: undefined,
      isModelKeyRotated: false,
      isKeyShown: false,
      isSelfCheck: false,
      hardwareMask: [],
      allowRemote: [],
      remoteAddresses: [],
      modelMemoryBytes: undefined,
      trainingData: [],
      trainingWhen: undefined,
      docker: '/var/run/docker.sock',
      facts: { files: [], environment: [], commands: new Map() },
      allowSystem: [],
      proxy: undefined,
      appAccess: [],
      os: { access: [], check: undefined, swupdateSettings: '/etc/skerry/swupdate.json' },
      page: { address: { host: '127.0.0.1', port: 8580 }, isPasswordSet: false, isConsentNeeded: false },
      isManifestPrinted: false,
      historyImport: undefined,
      logLevel: 'info',
    },
  })
})

test('takes addresses of both families, and port 0', () => {
  expect(parse('--listen', '[::1]:0', '--grpc', '0.0.0.0:9000')).toMatchObject({
    options: { rest: { host: '::1', port: 0 }, grpc: { host: '0.0.0.0', port: 9000 } },
  })
})

test.each([
  [['--listen', '8500'], '--listen must be HOST:PORT such as 127.0.0.1:8500, not "8500"'],
  [['--grpc', 'host:70000'], '--grpc must be HOST:PORT such as 127.0.0.1:8501, not "host:70000"'],
  [['--serial', ''], '--serial must be 1 to 64 printable characters of ASCII, not ""'],
  [['--name', 'Line 4'], '--name must be 1 to 63 of a-z, 0-9 and -, not "Line 4"'],
  [['--model-memory', '512'], '--model-memory must be a size such as 512MB or 2GB, not "512"'],
  [['--log-level', 'loud'], '--log-level must be one of debug, info, warn, error, silent, not "loud"'],
  [['--encrypt-models', 'yes'], '--encrypt-models must be on or off, not "yes"'],
  [['--tpm', 'on'], '--tpm must be required, auto or off, not "on"'],
  [['--tpm-pcrs', '24'], '--tpm-pcrs must be numbers from 0 to 23 such as 0,7, or none, not "24"'],
  [['--hardware-mask', 'vnni,mmx'], '--hardware-mask must be a list of avx2, avx512,'],
  [['--join', 'skj_x', '--join-file', '/x'], '--join and --join-file are two ways'],
  [['--training-data', 'scans=/data'], '--training-data must be NAME:CAMPAIGNS=DIR such as scans:any=/data/scans'],
  [['--training-data', 'a:any=/a', '--training-data', 'a:x=/b'], '--training-data names one data set twice'],
  [['--csv', 'a.csv'], '--csv needs --import-history NAME'],
  [['--import-history', 'A'], '--import-history must be 1 to 63 of a-z, 0-9 and -, not "A"'],
  [['--import-history', 'a'], '--import-history needs --csv FILE'],
  [['--import-history', 'a', '--csv', 'b', '--import-every-ms', '1'], '--import-every-ms must be a number from 100'],
  [['--page', '8580'], '--page must be HOST:PORT such as 127.0.0.1:8580, or off, not "8580"'],
  [['--gateway', '8600'], '--gateway must be HOST:PORT such as 127.0.0.1:8600, not "8600"'],
  [['--gateway', '127.0.0.1:8600'], '--gateway needs --gateway-key-file'],
  [['--gateway', '10.0.0.7:8600', '--gateway-key-file', 'k'], 'their keys would travel unencrypted'],
  [['--gateway', '[::1]:1', '--gateway-grpc', '[::]:2', '--gateway-key-file', 'k'], 'the address :: is open to others'],
  [['--gateway', '[::1]:1', '--gateway-key-file', 'k', '--gateway-tls-key', 'k'], 'go together'],
  [['--gateway-plain'], '--gateway-plain needs --gateway'],
  [['--kubeconfig', '/k'], '--kubeconfig needs --kubernetes'],
  [['--pod-files', '/m'], '--pod-files needs --pod'],
  [['--kubernetes', '--namespace', 'Plant'], '--namespace must be 1 to 63 of a-z, 0-9 and -, not "Plant"'],
  [['--kubernetes', '--replicas', '6-2'], '--replicas must be a number, or MIN-MAX such as 2-6, up to 1000, not "6-2"'],
  [['--kubernetes', '--files-url', 'http://a:1'], '--files-url must be https://HOST:PORT, not "http://a:1"'],
  [['--nonsense'], "unknown option '--nonsense'; see --help"],
  [['stray'], "unexpected argument 'stray'"],
])('rejects %j, and says what it should be', (args, message) => {
  expect(parse(...args)).toMatchObject({ ok: false, code: 'option_invalid', message: expect.stringContaining(message) })
})

test('accepts PCRs in any order, and none', () => {
  expect(parse('--tpm', 'auto', '--tpm-pcrs', '7,0,7')).toMatchObject({ options: { tpm: 'auto', tpmPcrs: [0, 7] } })
  expect(parse('--tpm-pcrs', 'none')).toMatchObject({ options: { tpmPcrs: [] } })
})

test('allows no remote access unless the operator names it', () => {
  expect(parse('--allow-remote', 'port,shell', '--remote-address', '192.168.7.5:80,[fd00::5]:502')).toMatchObject({
    options: { allowRemote: ['shell', 'port'], remoteAddresses: ['192.168.7.5:80', '[fd00::5]:502'] },
  })
  expect(parse('--allow-remote', 'none')).toMatchObject({ options: { allowRemote: [] } })
  expect(parse('--allow-remote', 'shells')).toMatchObject({
    ok: false,
    message: expect.stringContaining('--allow-remote'),
  })
  expect(parse('--remote-address', 'plc:80')).toMatchObject({ ok: false, message: expect.stringContaining('numeric') })
})

test('hides each instruction set once, in the order of the contract', () => {
  expect(parse('--hardware-mask', 'vnni,avx512,vnni')).toMatchObject({ options: { hardwareMask: ['avx512', 'vnni'] } })
  expect(parse('--hardware-mask', InstructionSet.options.join(','))).toMatchObject({
    options: { hardwareMask: InstructionSet.options },
  })
})

test('takes training data only with the consent to campaigns', () => {
  expect(parse('--training-data', 'scans:any=/data/a=b', '--training-data', 'ecg:ward,icu=/ecg')).toMatchObject({
    options: {
      trainingData: [
        { name: 'scans', campaigns: 'any', rows: { folder: '/data/a=b' } },
        { name: 'ecg', campaigns: ['ward', 'icu'], rows: { folder: '/ecg' } },
      ],
    },
  })
  expect(parse('--training-data', 'pumps:any=recording:plant?label=fault&tag=Flow%20%26%20head&tag=p=1')).toMatchObject(
    {
      options: {
        trainingData: [{ name: 'pumps', rows: { recording: 'plant', label: 'fault', tags: ['Flow & head', 'p=1'] } }],
      },
    },
  )
  expect(parse('--training-data', 'pumps:any=recording:plant?label=fault')).toMatchObject({
    options: { trainingData: [{ rows: { recording: 'plant', label: 'fault', tags: [] } }] },
  })
  expect(parse('--training-data', 'pumps:any=recording:plant?target=power&target=heat&tag=flow')).toMatchObject({
    options: { trainingData: [{ rows: { recording: 'plant', targets: ['power', 'heat'], tags: ['flow'] } }] },
  })
  for (const wrong of [
    'plant',
    '../plant?label=fault',
    'plant?tag=a&label=fault',
    'plant?label=fault&more=1',
    'plant?label=fault&target=power',
  ])
    expect(parse('--training-data', `pumps:any=recording:${wrong}`)).toMatchObject({
      message: expect.stringContaining('recording:NAME?label=TAG&tag=TAG'),
    })
  const rowsOf = (place: string) => {
    const parsed = parse('--training-data', `parts:any=${place}`)
    return 'options' in parsed ? parsed.options.trainingData[0]?.rows : parsed
  }
  expect(rowsOf('captures:grader')).toEqual({ model: 'grader', answers: { kind: 'whole' } })
  expect(rowsOf('captures:grader?class=ok&class=worn%20out&input=image')).toEqual({
    model: 'grader',
    input: 'image',
    answers: { kind: 'classes', names: ['ok', 'worn out'] },
  })
  expect(rowsOf('captures:grader?labels=numbers')).toEqual({ model: 'grader', answers: { kind: 'numbers' } })
  expect(rowsOf('./captures:grader')).toEqual({ folder: expect.stringMatching(/\/captures:grader$/) })
  for (const wrong of [
    '',
    'Grader',
    'grader?',
    'grader?class=ok',
    'grader?class=ok&class=ok',
    'grader?labels=words',
    'grader?labels=numbers&class=ok&class=worn',
    'grader?input=x&input=y',
    'grader?tag=x',
  ])
    expect(rowsOf(`captures:${wrong}`)).toMatchObject({
      message: expect.stringContaining('captures:MODEL?class=LABEL'),
    })
  expect(parse('--training-when', 'idle,22:00-06:00')).toMatchObject({
    options: { trainingWhen: { isIdle: true, isPowered: false, hours: { from: 1_320, to: 360 } } },
  })
  expect(parse('--training-when', 'at night')).toMatchObject({ message: expect.stringContaining('idle,22:00-06:00') })
})

test('is a gateway only if the operator says so', () => {
  expect(parse()).toMatchObject({ options: { gateway: undefined } })
  const given = ['--gateway', '10.0.0.7:8600', '--gateway-key-file', '/k', '--gateway-plain']
  expect(parse(...given, '--gateway-url', 'https://lyon.example')).toMatchObject({
    options: {
      gateway: { listen: { host: '10.0.0.7', port: 8600 }, keyFile: '/k', tls: undefined, url: 'https://lyon.example' },
    },
  })
})

test('reads the options of a cluster', () => {
  expect(parse('--kubernetes', '--replicas', '2-6', '--files-url', 'https://10.0.0.7:8502/')).toMatchObject({
    options: { cluster: { replicas: { min: 2, max: 6 }, filesUrl: 'https://10.0.0.7:8502', kubeconfig: undefined } },
  })
  expect(parse('--data', '/d')).toMatchObject({ options: { cluster: undefined, pod: undefined } })
  expect(parse('--pod', '/run/skerry')).toMatchObject({ options: { pod: { secret: '/run/skerry', files: undefined } } })
})

test('docs/devices/kubernetes.md names each option of a cluster', () => {
  const page = readFileSync(new URL('../../../docs/devices/kubernetes.md', import.meta.url), 'utf8')
  for (const flag of Object.keys(CLUSTER_FLAGS)) expect(page).toMatch(new RegExp(`^\\|.*\`--${flag}\`.*\\|`, 'm'))
})

test('prints its help', () => {
  expect(parse('--help')).toMatchObject({ ok: 'help', text: expect.stringContaining('Example:') })
})

test('masks the named instruction sets, and rejects a word that is none', () => {
  expect(parseOptions(['--hardware-mask', 'vnni,amx'], {})).toMatchObject({
    ok: true,
    options: { hardwareMask: ['vnni', 'amx'] },
  })
  expect(parseOptions(['--hardware-mask', 'amx,sse9'], {})).toMatchObject({ ok: false, code: 'option_invalid' })
})
