/**
 * TPM: seals a few bytes, so that only this machine's TPM can open them, with Debian's tpm2-tools. Nothing stays in the
 * TPM: it returns an encrypted object, which its caller stores. The bytes go through pipes. The files of the tools are
 * public or encrypted.
 *
 *     parent (P-256, from the owner's seed, the same at each call) ── create under the policy of the PCRs
 *       ──→ object ── load, unseal ──→ bytes
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SealedObject } from './sealed-key.ts'

export type TpmCode = 'tpm_tools_missing' | 'tpm_missing' | 'tpm_pcrs_changed' | 'tpm_foreign' | 'tpm_failed'

export type TpmRefusal = { ok: false; code: TpmCode; message: string }

export type Tpm = {
  /** At most 128 bytes [TPM 2.0 Library, part 2, MAX_SYM_DATA]. */
  seal(
    secret: Uint8Array,
    pcrs: readonly number[],
    signal: AbortSignal,
  ): Promise<{ ok: true; object: SealedObject } | TpmRefusal>
  unseal(object: SealedObject, signal: AbortSignal): Promise<{ ok: true; secret: Uint8Array } | TpmRefusal>
}

/** By default the tools also try port 2321 of this machine, where any program may listen. */
const DEFAULT_TCTI = 'device:/dev/tpmrm0'

/** In milliseconds. A call takes some 0.1 s, and a few seconds on a slow chip. A chip may be busy during start-up. */
const TIMEOUT_MS = 30_000

/** A tool writes a few lines. */
const OUTPUT_BYTES_MAX = 65_536

const POLICY_ONLY = 'fixedtpm|fixedparent|noda'
const NO_POLICY = 'fixedtpm|fixedparent|noda|userwithauth'

/** The TPM that `TPM2TOOLS_TCTI` names. The default is the kernel's resource manager. */
export function openTpm(environment: NodeJS.ProcessEnv): Tpm {
  const env = { ...environment, TPM2TOOLS_TCTI: environment.TPM2TOOLS_TCTI ?? DEFAULT_TCTI }
  return {
    seal: (secret, pcrs, signal) =>
      inFolder(async (folder) => {
        const run = toolRunner(folder, env, signal)
        await makeParent(run)
        const policy = pcrs.length === 0 ? ['-a', NO_POLICY] : ['-a', POLICY_ONLY, '-L', 'policy']
        if (pcrs.length > 0) await writePolicy(run, pcrs)
        const kept = ['-u', 'public', '-r', 'private']
        await run('tpm2_create', ['-C', 'parent', '-i', '-', ...policy, ...kept], secret)
        await flush(run)
        const read = async (name: string) => (await readFile(join(folder, name))).toString('base64')
        return { ok: true, object: { pcrs: [...pcrs], public: await read('public'), private: await read('private') } }
      }),
    unseal: (object, signal) =>
      inFolder(async (folder) => {
        const run = toolRunner(folder, env, signal)
        await writeFile(join(folder, 'public'), Buffer.from(object.public, 'base64'))
        await writeFile(join(folder, 'private'), Buffer.from(object.private, 'base64'))
        await makeParent(run)
        await run('tpm2_load', ['-C', 'parent', '-u', 'public', '-r', 'private', '-c', 'object'])
        await flush(run)
        const policy = object.pcrs.length === 0 ? [] : ['-p', `pcr:${bank(object.pcrs)}`]
        const secret = await run('tpm2_unseal', ['-c', 'object', ...policy])
        await flush(run)
        return { ok: true, secret }
      }),
  }
}

type Run = (tool: string, args: readonly string[], input?: Uint8Array) => Promise<Uint8Array>

const bank = (pcrs: readonly number[]) => `sha256:${pcrs.join(',')}`

/** Every TPM 2.0 of a PC has P-256, and derives it in a moment. RSA takes seconds. */
async function makeParent(run: Run): Promise<void> {
  await flush(run)
  await run('tpm2_createprimary', ['-C', 'o', '-g', 'sha256', '-G', 'ecc', '-c', 'parent'])
  await flush(run)
}

/** Replaces `tpm2_createpolicy`, which leaves its session in the TPM: a TPM has room for only three sessions. */
async function writePolicy(run: Run, pcrs: readonly number[]): Promise<void> {
  await run('tpm2_startauthsession', ['-S', 'trial'])
  await run('tpm2_policypcr', ['-S', 'trial', '-l', bank(pcrs), '-L', 'policy'])
  await run('tpm2_flushcontext', ['trial'])
}

/**
 * Without a resource manager, a TPM keeps loaded objects, and has room for three. With one, this call affects no other
 * program.
 */
const flush = (run: Run) => run('tpm2_flushcontext', ['-t'])

class ToolFailed extends Error {
  readonly refusal: TpmRefusal

  constructor(refusal: TpmRefusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** A folder for files that one tool passes to the next. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T | TpmRefusal> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-tpm-'))
  try {
    return await work(folder)
  } catch (error) {
    if (error instanceof ToolFailed) return error.refusal
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const toolRunner =
  (cwd: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Run =>
  (tool, args, input) =>
    new Promise((resolve, reject) => {
      const limits = { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX, killSignal: 'SIGKILL' as const }
      const child = execFile(
        tool,
        args,
        { cwd, env, signal, encoding: 'buffer', ...limits },
        (error, stdout, stderr) => {
          if (signal.aborted) return reject(signal.reason)
          if (error)
            return reject(new ToolFailed(refusalOf({ tool, cause: error, said: stderr.toString('utf8'), env })))
          resolve(stdout)
        },
      )
      // A tool that ends without reading its input gives the reason itself.
      child.stdin?.on('error', () => {})
      child.stdin?.end(input)
    })

type Failure = {
  tool: string
  cause: Error & { code?: unknown; killed?: boolean }
  said: string
  env: NodeJS.ProcessEnv
}

/**
 * [TPM 2.0 Library, part 2, 6.6] TPM_RC_POLICY_FAIL of a session, TPM_RC_PCR_CHANGED, TPM_RC_INTEGRITY of a parameter.
 */
const POLICY_FAILED = /\(0x(?:00000)?(?:[19]9d|128)\)/i
const INTEGRITY_FAILED = /\(0x(?:00000)?1df\)/i

function refusalOf({ tool, cause, said, env }: Failure): TpmRefusal {
  const refuse = (code: TpmCode, message: string): TpmRefusal => ({ ok: false, code, message })
  if (cause.code === 'ENOENT') {
    return refuse('tpm_tools_missing', `${tool} is not installed; install tpm2-tools ("apt-get install tpm2-tools")`)
  }
  if (/could not load tcti/i.test(said)) {
    const why = `the machine has no TPM at ${env.TPM2TOOLS_TCTI}, or this user may not use it`
    return refuse('tpm_missing', `${why}; enable it in the firmware, and add the user of the agent to the group tss`)
  }
  if (POLICY_FAILED.test(said)) {
    return refuse('tpm_pcrs_changed', 'the TPM cannot unseal it: the PCRs have changed since it was sealed')
  }
  if (INTEGRITY_FAILED.test(said)) {
    return refuse('tpm_foreign', 'the TPM does not know it: another machine sealed it, or the TPM was cleared')
  }
  const last = said.split('\n').findLast((line) => /0x[0-9a-f]+/i.test(line)) ?? said.trim().split('\n').at(-1) ?? ''
  const how = cause.killed ? `did not answer within ${TIMEOUT_MS / 1_000} s` : `failed: ${last.slice(0, 300)}`
  return refuse('tpm_failed', `${tool} ${how}`)
}
