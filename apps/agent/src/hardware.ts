/** Hardware: the parts of this machine that decide the speed of a model, read from the kernel's own files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Accelerator, Hardware, InstructionSet } from '@skerry/contract/devices/device'

/** `root` is the folder under which the kernel's files are; `mask` names instruction sets to hide. */
export function lookAtHardware(mask: readonly InstructionSet[] = [], root = '/'): Hardware {
  const containers = (['docker', 'podman', 'containerd'] as const).find((name) => hasSocket(root, name))
  return {
    instructions: instructionsOf(readText(`${root}proc/cpuinfo`)).filter((set) => !mask.includes(set)),
    accelerators: acceleratorsOf(namesIn(`${root}dev`), namesIn(`${root}dev/dri`), namesIn(`${root}dev/accel`)),
    ...(containers && { containers }),
    ...(mask.length > 0 && { masked: true as const }),
  }
}

/** [proc_cpuinfo(5)] x86 lists `flags`, ARM `Features`; the names of each are the kernel's. */
const FLAGS: Readonly<Record<InstructionSet, readonly string[]>> = {
  avx2: ['avx2'],
  avx512: ['avx512f'],
  vnni: ['avx512_vnni', 'avx_vnni'],
  amx: ['amx_int8'],
  neon: ['asimd', 'neon'],
  dotprod: ['asimddp'],
  i8mm: ['i8mm'],
  sve: ['sve'],
}

/** Only what all processors can do: a thread may run on any of them. */
export function instructionsOf(cpuinfo: string): InstructionSet[] {
  const lines = [...cpuinfo.matchAll(/^(?:flags|Features)\s*:(.*)$/gm)].map(([, flags = '']) => flags)
  const processors = [...new Set(lines)].map((flags) => new Set(flags.trim().split(/\s+/)))
  if (processors.length === 0) return []
  return (Object.entries(FLAGS) as [InstructionSet, readonly string[]][])
    .filter(([, names]) => processors.every((flags) => names.some((name) => flags.has(name))))
    .map(([set]) => set)
}

/** [kernel, Documentation/accel] `accel` are the kernel's compute accelerators; `apex` is the driver of Coral. */
function acceleratorsOf(devices: readonly string[], graphics: readonly string[], compute: readonly string[]) {
  const found: [Accelerator, boolean][] = [
    ['nvidia', devices.some((name) => /^nvidia\d+$/.test(name))],
    ['gpu', graphics.some((name) => /^renderD\d+$/.test(name))],
    ['npu', compute.some((name) => /^accel\d+$/.test(name))],
    ['tpu', devices.some((name) => /^apex_\d+$/.test(name))],
  ]
  return found.filter(([, isThere]) => isThere).map(([name]) => name)
}

const SOCKETS = {
  docker: ['run/docker.sock', 'var/run/docker.sock'],
  podman: ['run/podman/podman.sock'],
  containerd: ['run/containerd/containerd.sock'],
} as const

const hasSocket = (root: string, name: keyof typeof SOCKETS) =>
  SOCKETS[name].some((path) => existsSync(`${root}${path}`))

/** A kernel without the file, or a sandbox that hides it, has nothing to tell. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
