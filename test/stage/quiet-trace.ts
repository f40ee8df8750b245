/** Quiet trace: system calls of a program, as strace writes them, and those among them that leave the machine or the program's folders. */
import { join } from 'node:path'

const CONNECTIONS = ['connect', 'sendto', 'sendmsg', 'sendmmsg']
const CHANGES = [
  'open',
  'openat',
  'openat2',
  'creat',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'rmdir',
  'truncate',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
]

/** Starts a program under a trace of it and all that it starts; the tracer stands aside, so that signals reach the program. */
export const traced = (path: string): string[] => [
  'strace',
  '-D',
  '-f',
  '--seccomp-bpf',
  '-qq',
  '--decode-fds=path',
  '-s',
  '256',
  '-e',
  'signal=none',
  '-o',
  path,
  '-e',
  `trace=${[...CONNECTIONS, ...CHANGES].join(',')}`,
]

/** Where every program may write, and nothing stays. */
const PASSING = ['/dev/', '/proc/']

/** The lines of a trace that nobody configured: names that are resolved, addresses beyond loopback, writes outside of the folders. */
export const strayCalls = (trace: string, folders: readonly string[]): string[] =>
  trace.split('\n').filter((line) => isStray(line, [...PASSING, ...folders.map((folder) => join(folder, '/'))]))

function isStray(line: string, folders: readonly string[]): boolean {
  const { name = '', words = '' } = /^\d+ +(?<name>\w+)\((?<words>.*)$/.exec(line)?.groups ?? {}
  if (CONNECTIONS.includes(name)) return leavesMachine(words)
  if (!CHANGES.includes(name)) return false
  if (name.startsWith('open') && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(words)) return false
  return pathsIn(words).some((path) => !folders.some((folder) => join(path, '/').startsWith(folder)))
}

/** Every server for names is a stranger, on loopback, too. */
function leavesMachine(words: string): boolean {
  const addresses = [...words.matchAll(/sa_family=AF_INET6?, .*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"/g)]
  const isName = /sin6?_port=htons\((53|853|5353|5355)\)/.test(words)
  return isName || addresses.some(([, address = '']) => !/^(127\.|::1$|::ffff:127\.)/.test(address))
}

/** Each path of a call, made absolute by the folder that strace shows for its descriptor. */
function pathsIn(words: string): string[] {
  const before = words.split(/\) += /)[0] ?? ''
  return [...before.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].map(
    ([, folder = '', path = '']) => (path.startsWith('/') || folder === '' ? path : join(folder, path)),
  )
}
