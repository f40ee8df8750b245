import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Digest } from '@skerry/contract/values/digest'
import { rounds, strict } from '@skerry/testkit/tier'
import { expect, onTestFinished, test } from 'vitest'
import { openBlobFolder } from '../src/blobs/blob-folder.ts'
import { readIfPresent, removeLeftovers } from '../src/files/atomic-file.ts'
import { nodeFileSystem } from '../src/files/file-system.ts'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))
const signal = new AbortController().signal

/** Kills after which all must be sound; more where none of these has fallen into the middle of a blob. */
const ROUNDS = rounds({ quick: 6, deep: 30 })
const ROUNDS_MAX = 30

/** Starts the writer, lets it acknowledge some blobs, and kills it at a random moment after that. Gives what it acknowledged. */
async function writeAndKill(path: string, seed: number): Promise<{ digest: Digest; number: number }[]> {
  const child = spawn(process.execPath, [WRITER, path, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const acknowledged: { digest: Digest; number: number }[] = []
  const lines = createInterface({ input: child.stdout })
  await once(lines, 'line').then(([line]) => acknowledged.push(parse(String(line))))
  lines.on('line', (line) => acknowledged.push(parse(line)))
  // Chance decides where the kill falls; what must hold, holds for all moments.
  await sleep(Math.random() * 40)
  child.kill('SIGKILL')
  await exited
  return acknowledged
}
function parse(line: string) {
  const [digest, number] = line.split(' ')
  return { digest: Digest.parse(digest), number: Number(number) }
}

test(
  'after kill -9 at any moment all that was acknowledged is there, and nothing is torn',
  strict('a kill that tears a file is a finding'),
  async () => {
    const path = mkdtempSync(join(tmpdir(), 'skerry-kill-'))
    onTestFinished(() => rmSync(path, { recursive: true }))
    let partsSeen = 0
    for (let round = 0; round < ROUNDS || (partsSeen === 0 && round < ROUNDS_MAX); round += 1) {
      const acknowledged = await writeAndKill(path, round)
      const folder = await openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: 0 })
      for (const { digest } of acknowledged) expect(await folder.has(digest)).toBe(true)
      for await (const { digest } of folder.list()) {
        expect(await folder.verify(digest, signal)).toEqual({ ok: true, sizeBytes: 200_000 })
        await folder.remove(digest)
      }
      const last = acknowledged.at(-1)?.number ?? 0
      const state = JSON.parse(
        Buffer.from((await readIfPresent(nodeFileSystem, join(path, 'state.json'))) ?? []).toString(),
      )
      expect(state).toMatchObject({ seed: String(round), pad: 'x'.repeat(50_000) })
      expect(state.number).toBeGreaterThanOrEqual(last)
      for (const { key } of await folder.listParts()) {
        partsSeen += 1
        const opened = await folder.openPart(key, signal)
        if (!opened.ok) throw new Error(opened.message)
        await opened.part.discard()
      }
      await removeLeftovers(nodeFileSystem, path)
      expect((await nodeFileSystem.list(path)).sort()).toEqual(['parts', 'quarantine', 'sha256', 'state.json'])
    }
    expect(partsSeen, 'some kills fell into the middle of a blob').toBeGreaterThan(0)
  },
)
