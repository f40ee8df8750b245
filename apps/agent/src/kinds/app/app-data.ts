/** App data: the folders of data that the containers of a release read. */
import type { DriverAnswer } from '../driver.ts'
import type { Release } from './releases.ts'

/** The folder of data on this device; undefined if it has none of this name. */
export type DataFolderOf = (name: string) => Promise<string | undefined>

type FoundData = { ok: true; folders: ReadonlyMap<string, string> } | Extract<DriverAnswer, { ok: false }>

/** The folders by name, or the reason why the release cannot start yet. */
export async function findData({ app }: Release, folderOf: DataFolderOf): Promise<FoundData> {
  const names = [...new Set(Object.values(app.services).flatMap(({ data = [] }) => data))]
  const found = await Promise.all(names.map(async (name) => [name, await folderOf(name)] as const))
  const missing = found.filter(([, folder]) => folder === undefined).map(([name]) => name)
  if (missing.length > 0) {
    return { ok: false, code: 'app_data_missing', message: `the device has no data ${missing.join(', ')}; deploy them` }
  }
  return {
    ok: true,
    folders: new Map(found.flatMap(([name, folder]) => (folder === undefined ? [] : [[name, folder]]))),
  }
}
