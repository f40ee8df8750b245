/** Model feed dialog: lets the hub import a model of another system. */
import { FeedPlace, ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import { Name } from '@skerry/contract/values/names'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { SaveDialog } from '../../components/dialogs/save-dialog.tsx'
import { Field, INPUT } from '../../components/fields.tsx'
import { TextInput } from '../../components/text-input.tsx'
import { hub } from '../../hub/hub-client.ts'
import { modelFeedsTexts } from './english-model-feeds.ts'
import { modelFeedQueries } from './model-feed-queries.ts'

const words = modelFeedsTexts.dialog

const AT_FIRST = { name: '', place: '', server: '', token: '', alias: '', hours: '1' }

type Wish = typeof AT_FIRST

/** Shown while it is in the page. */
export function ModelFeedDialog({ onClose }: { onClose: () => void }) {
  const [wish, setWish] = useState(AT_FIRST)
  const client = useQueryClient()
  const navigate = useNavigate()
  const set = (field: keyof Wish) => (text: string) => setWish((before) => ({ ...before, [field]: text }))
  const run = async () => {
    const { name, token } = wish
    const spec = ModelFeedSpec.parse(specOf(wish))
    await hub.modelFeed.set({ name, spec, ...(token !== '' && { accessToken: token }) })
    await client.invalidateQueries({ queryKey: modelFeedQueries.list().queryKey })
    await navigate({ to: '/model-feeds/$name', params: { name } })
    return words.added(name)
  }
  return (
    <SaveDialog
      title={words.title}
      lead={words.lead}
      verb={words.verb}
      blocked={problemIn(wish)}
      run={run}
      onClose={onClose}
    >
      <Field label={words.name} hint={words.nameHint}>
        {(control) => <TextInput control={control} value={wish.name} onChange={set('name')} />}
      </Field>
      <Field label={words.place} hint={words.placeHint}>
        {(control) => <TextInput control={control} value={wish.place} onChange={set('place')} />}
      </Field>
      <Field label={words.server} hint={words.serverHint}>
        {(control) => <TextInput control={control} value={wish.server} onChange={set('server')} />}
      </Field>
      <Field label={words.token} hint={words.tokenHint}>
        {(control) => (
          <input
            {...control}
            className={INPUT}
            type="password"
            autoComplete="off"
            maxLength={4_000}
            value={wish.token}
            onChange={(event) => set('token')(event.target.value)}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={words.alias} hint={words.aliasHint}>
          {(control) => <TextInput control={control} value={wish.alias} onChange={set('alias')} />}
        </Field>
        <Field label={words.hours}>
          {(control) => <TextInput control={control} value={wish.hours} onChange={set('hours')} />}
        </Field>
      </div>
    </SaveDialog>
  )
}

const specOf = ({ name, place, server, alias, hours }: Wish) => ({
  place,
  model: name,
  intervalSeconds: Number(hours) * 3_600,
  ...(server !== '' && { server }),
  ...(alias !== '' && { aliases: [alias.replace(/^@/, '')] }),
})

function problemIn(wish: Wish): string | undefined {
  if (!Name.safeParse(wish.name).success) return words.nameError
  if (!FeedPlace.safeParse(wish.place).success) return words.placeError
  const issue = ModelFeedSpec.safeParse(specOf(wish)).error?.issues[0]?.path[0]
  if (issue === 'aliases') return words.aliasError
  if (issue === 'intervalSeconds') return words.hoursError
  return issue === undefined ? undefined : words.serverError
}
