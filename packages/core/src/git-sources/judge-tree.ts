/**
 * Judge tree: the files of a commit that the hub reads. The hub never checks a repository out, so its links, hooks and
 * submodules have no effect. They are rejected all the same: their author meant something that would not happen.
 */
import { GIT_FILES_BYTES_MAX, GIT_FILES_MAX, type GitProblemCode } from '@skerry/contract/git-sources/git-source'

/** A line of `git ls-tree -r -l -z`. */
export type TreeEntry = { mode: string; type: string; id: string; sizeBytes: number; path: string }

export type JudgedTree = { ok: true; files: TreeEntry[] } | { ok: false; code: GitProblemCode; message: string }

/** [git-ls-tree] `mode SP type SP id SP size TAB path NUL`. Undefined if a line has another form. */
export function parseTree(text: string): TreeEntry[] | undefined {
  const entries: TreeEntry[] = []
  for (const line of text.split('\0')) {
    if (line === '') continue
    const match = /^([0-7]{6}) (blob|commit|tree) ([0-9a-f]{40,64}) +(\d+|-)\t([\s\S]+)$/.exec(line)
    if (!match) return undefined
    const [, mode = '', type = '', id = '', size = '', path = ''] = match
    entries.push({ mode, type, id, sizeBytes: size === '-' ? 0 : Number(size), path })
  }
  return entries
}

const LINK = '120000'

/** The YAML files among the entries below the path of the source. */
export function judgeTree(entries: readonly TreeEntry[], place: string): JudgedTree {
  const unsafe = entries.map(unsafeText).find((text) => text !== undefined)
  if (unsafe !== undefined) return { ok: false, code: 'git_unsafe', message: unsafe }
  // Folders such as .github are for other programs.
  const files = entries.filter(({ path }) => /\.ya?ml$/.test(path) && !/(^|\/)\./.test(path))
  if (files.length === 0) return { ok: false, code: 'git_empty', message: emptyText(place) }
  if (files.length > GIT_FILES_MAX)
    return tooLarge(`there are ${files.length} YAML files, and ${GIT_FILES_MAX} are read`)
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  if (bytes <= GIT_FILES_BYTES_MAX) return { ok: true, files }
  const [largest] = files.toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  return tooLarge(
    `the YAML files have ${bytes} bytes, and ${GIT_FILES_BYTES_MAX} are read; the largest is ${shown(largest?.path ?? '')}`,
  )
}

function unsafeText({ mode, type, path }: TreeEntry): string | undefined {
  if (mode === LINK) return `${shown(path)} is a symbolic link; replace it by the file that it names`
  if (type === 'commit')
    return `${shown(path)} is a submodule; put its files into the repository, or add a second source`
  const parts = path.split('/')
  const isOutside = parts.some((part) => part === '' || part === '.' || part === '..' || /^\.git$/i.test(part))
  return isOutside ? `${shown(path)} is no path inside the repository; remove it` : undefined
}

const emptyText = (place: string) =>
  place === '.'
    ? 'the branch has no file that ends in .yaml or .yml'
    : `${place} has no file that ends in .yaml or .yml; check the path of the source`

const tooLarge = (message: string): JudgedTree => ({
  ok: false,
  code: 'git_too_large',
  message: `${message}; give the source a smaller path, or split the repository`,
})

/** A path may have any bytes. */
const shown = (path: string) => JSON.stringify(path.slice(0, 200))
