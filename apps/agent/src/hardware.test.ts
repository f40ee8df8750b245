import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { instructionsOf, lookAtHardware } from './hardware.ts'

const X86 = 'processor\t: 0\nflags\t\t: fpu sse2 avx avx2 avx512f avx_vnni amx_int8\n'

test('instructions are those of all processors, in the kernel of x86 and of ARM', () => {
  expect(instructionsOf(X86)).toEqual(['avx2', 'avx512', 'vnni', 'amx'])
  expect(instructionsOf(`${X86}processor\t: 1\nflags\t\t: fpu sse2 avx avx2\n`)).toEqual(['avx2'])
  expect(instructionsOf('processor\t: 0\nFeatures\t: fp asimd evtstrm aes asimddp i8mm\n')).toEqual([
    'neon',
    'dotprod',
    'i8mm',
  ])
  expect(instructionsOf('')).toEqual([])
})

test('accelerators and container runtimes are found by their files', async () => {
  const root = `${await mkdtemp(join(tmpdir(), 'skerry-hardware-'))}/`
  onTestFinished(() => rm(root, { recursive: true }))
  expect(lookAtHardware([], root)).toEqual({ instructions: [], accelerators: [] })
  for (const folder of ['proc', 'dev/dri', 'dev/accel', 'run/podman']) await mkdir(root + folder, { recursive: true })
  await writeFile(`${root}proc/cpuinfo`, X86)
  for (const file of ['dev/nvidia0', 'dev/nvidiactl', 'dev/dri/renderD128', 'dev/accel/accel0', 'dev/apex_0'])
    await writeFile(root + file, '')
  await writeFile(`${root}run/podman/podman.sock`, '')
  expect(lookAtHardware([], root)).toEqual({
    instructions: ['avx2', 'avx512', 'vnni', 'amx'],
    accelerators: ['nvidia', 'gpu', 'npu', 'tpu'],
    containers: 'podman',
  })
  expect(lookAtHardware(['vnni', 'amx', 'sve'], root)).toMatchObject({ instructions: ['avx2', 'avx512'], masked: true })
})
