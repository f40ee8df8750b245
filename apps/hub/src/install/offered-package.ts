/** Offered package: the version of the agent that an organisation gives to a new device. */
import { AGENT_NAME, AgentPackage, type Architecture } from '@skerry/contract/agents/agent-package'
import { AGENT_PATH } from '@skerry/contract/kinds/agent'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'

/** The alias by which an organisation chooses. Without it, a new device gets the newest version. */
export const INSTALL_ALIAS = 'stable'

export type OfferedFile = { form: 'archive' | 'program' | 'manifest'; digest: Digest; path: string }
export type OfferedPackage = { digest: Digest; manifest: AgentPackage; files: OfferedFile[] }

/** Undefined if the organisation has no package for this machine. */
export async function offeredPackage(
  db: Db,
  organisationId: OrganisationId,
  architecture: Architecture,
): Promise<OfferedPackage | undefined> {
  const aliased = await db
    .selectFrom('aliases')
    .select('version')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', AGENT_NAME)
    .where('alias', '=', INSTALL_ALIAS)
    .executeTakeFirst()
  const rows = await db
    .selectFrom('versions')
    .select(['id', 'version', 'digest', 'summary'])
    .where('organisation_id', '=', organisationId)
    .where('name', '=', AGENT_NAME)
    .orderBy('version', 'desc')
    .execute()
  const versions = rows.map((row) => ({ ...row, manifest: AgentPackage.parse(fromJson(row.summary)) }))
  const fitting = versions.filter(({ manifest }) => manifest.architectures.includes(architecture))
  const chosen = fitting.find(({ version }) => version === aliased?.version) ?? fitting[0]
  if (!chosen) return undefined
  const files = await db
    .selectFrom('version_files')
    .select(['path', 'digest'])
    .where('version_id', '=', chosen.id)
    .execute()
  const formOf = (path: string): OfferedFile['form'] =>
    chosen.manifest.parts.find((part) => part.path === path)?.form ?? 'manifest'
  return {
    digest: chosen.digest,
    manifest: chosen.manifest,
    // The manifest comes last: a folder without it is not complete.
    files: files
      .map(({ path, digest }) => ({ path, digest, form: formOf(path) }))
      .toSorted((a, b) => Number(a.path === AGENT_PATH) - Number(b.path === AGENT_PATH)),
  }
}
