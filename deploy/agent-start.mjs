/**
 * Starts the agent of a .deb or of a container image under its launcher: `agent-start.mjs FOLDER [options of the agent]`.
 * The first start copies the version that lies beside this file into the folder. From then on the hub decides which
 * version runs, and a newer .deb or image only brings a newer launcher.
 */
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'

const [folder, ...options] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: agent-start.mjs FOLDER [options of the agent]\n')
  process.exit(2)
}
process.umask(0o077)
const software = join(folder, 'software')
if (!existsSync(join(software, 'current/agent.json'))) placeSeed()
const launcher = join(import.meta.dirname, 'launcher/launcher.js')
const words = [process.execPath, launcher, software, '--data', join(folder, 'data'), ...options]
process.execve(process.execPath, words, process.env)

/** Under the name of its digest once it is complete. A kill at any moment leaves no version, or all of it. */
function placeSeed() {
  const [digest] = readdirSync(join(import.meta.dirname, 'seed'))
  const versions = join(software, 'versions')
  mkdirSync(versions, { recursive: true })
  if (!existsSync(join(versions, digest))) {
    const part = join(versions, `${digest}.part`)
    rmSync(part, { recursive: true, force: true })
    // A slow card needs a minute for it, and a person who reads the log must see that the agent is about to start.
    logEvent({ event: 'version_copying', digest, folder })
    cpSync(join(import.meta.dirname, 'seed', digest), part, { recursive: true })
    makeDurable(part)
    renameSync(part, join(versions, digest))
  }
  rmSync(join(software, 'current'), { force: true })
  symlinkSync(join('versions', digest), join(software, 'current'))
  syncFile(versions)
  syncFile(software)
}

/** One line in the form of the launcher's log. The launcher itself starts later. */
function logEvent(facts) {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), name: 'launcher', ...facts })}\n`)
}

/** [sync(1)] One call for the whole file system. An image without that program makes each file durable. */
function makeDurable(path) {
  if (spawnSync('sync', ['-f', path]).status === 0) return
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    syncFile(join(entry.parentPath, entry.name))
  }
}

function syncFile(path) {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
