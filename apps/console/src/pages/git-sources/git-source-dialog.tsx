/** Git source dialog: follows a repository. The source begins paused, so that a person sees the differences first. */
import { type GitSigner, GitSourceSpec, GitUrl, SshPublicKey } from '@skerry/contract/git-sources/git-source'
import { Name } from '@skerry/contract/values/names'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT, Select } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { hub } from '../../hub/hub-client.ts'
import { gitSourcesTexts } from './english-git-sources.ts'
import { gitSourceQueries } from './git-source-queries.ts'

const words = gitSourcesTexts.dialog

const AT_FIRST = { name: '', url: '', branch: 'main', path: '.', role: 'editor', token: '', signers: '' }

/** Shown while it is in the page. */
export function GitSourceDialog({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState(AT_FIRST)
  const roles = useQuery(gitSourceQueries.roles())
  const client = useQueryClient()
  const navigate = useNavigate()
  const set = (field: keyof typeof AT_FIRST) => (text: string) => setWish((before) => ({ ...before, [field]: text }))
  const read = readSigners(wish.signers)
  const run = async () => {
    const { name, url, branch, path, role, token } = wish
    const spec = GitSourceSpec.parse({ url, branch, path, role, signers: read.signers })
    await hub.gitSource.set({ name, spec, isPaused: true, ...(token !== '' && { accessToken: token }) })
    await client.invalidateQueries({ queryKey: gitSourceQueries.list().queryKey })
    await navigate({ to: '/git-sources/$name', params: { name } })
    return words.added(name)
  }
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.verb}
      blocked={problemIn(wish, read.wrongLine)}
      run={run}
      onClose={onClose}
    >
      <Field label={words.name}>
        {(control) => <TextInput control={control} value={wish.name} onChange={set('name')} />}
      </Field>
      <Field label={words.url}>
        {(control) => <TextInput control={control} value={wish.url} onChange={set('url')} />}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words.branch}>
          {(control) => <TextInput control={control} value={wish.branch} onChange={set('branch')} />}
        </Field>
        <Field label={words.path} hint={words.pathHint}>
          {(control) => <TextInput control={control} value={wish.path} onChange={set('path')} />}
        </Field>
      </div>
      <Field label={words.role} hint={words.roleHint}>
        {(control) => (
          <Select {...control} value={wish.role} onChange={(event) => set('role')(event.target.value)}>
            {(roles.data?.rows ?? [{ name: wish.role }]).map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Field label={words.token} hint={words.tokenHint}>
        {(control) => (
          <input
            {...control}
            className={INPUT}
            type="password"
            autoComplete="off"
            maxLength={1_000}
            value={wish.token}
            onChange={(event) => set('token')(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.signers} hint={words.signersHint}>
        {(control) => (
          <textarea
            {...control}
            className={`${INPUT} h-20 py-1.5 font-mono text-xs`}
            spellCheck={false}
            value={wish.signers}
            onChange={(event) => set('signers')(event.target.value)}
          />
        )}
      </Field>
    </SaveDialog>
  )
}

function problemIn({ name, url }: typeof AT_FIRST, wrongLine: number | undefined): string | undefined {
  if (!Name.safeParse(name).success) return words.nameError
  if (!GitUrl.safeParse(url).success) return words.urlError
  if (url.startsWith('ssh:')) return words.sshError
  return wrongLine === undefined ? undefined : words.signersError(wrongLine)
}

/** [ssh-keygen, allowed signers] A name and a public key in each line; a comment after them is left out. */
function readSigners(text: string): { signers: GitSigner[]; wrongLine?: number } {
  const signers: GitSigner[] = []
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const [name = '', ...parts] = line.trim().split(/\s+/)
    const key = SshPublicKey.safeParse(parts.slice(0, 2).join(' '))
    if (!key.success) return { signers, wrongLine: index + 1 }
    signers.push({ name, key: key.data })
  }
  return { signers }
}
