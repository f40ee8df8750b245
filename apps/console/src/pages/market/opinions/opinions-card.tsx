/** Opinions card: the ratings and notes of the organisation on a listing, and the form for the own one. */
import { problemOf } from '@skerry/client/problem'
import { type Opinion, STARS_MAX } from '@skerry/contract/market/opinion'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Star } from 'lucide-react'
import { useState } from 'react'
import { GuardedButton } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Choice } from '../../../components/choice.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Field } from '../../../components/fields.tsx'
import { TextInput } from '../../../components/text-input.tsx'
import { toast } from '../../../components/toasts.tsx'
import { hub } from '../../../hub/hub-client.ts'
import { marketQueries } from '../market-queries.ts'
import { opinionsTexts as words } from './english-opinions.ts'

type Place = { catalogue: string; listing: string }

export function OpinionsCard(place: Place) {
  const { data } = useQuery(marketQueries.opinions(place))
  if (!data) return null
  const own = data.rows.find(({ isOwn }) => isOwn)
  return (
    <Card title={words.title}>
      <p className="text-xs text-soft">{words.lead}</p>
      <p className="mt-2 text-sm font-medium">{data.rating ? words.rating(data.rating) : words.none}</p>
      <ul className="mt-2 flex flex-col gap-3">
        {data.rows.map((opinion) => (
          <OpinionRow key={`${opinion.by} ${opinion.changedAtMs}`} opinion={opinion} />
        ))}
      </ul>
      {/* A new key takes the stored opinion into the form. */}
      <OwnOpinion key={own?.changedAtMs ?? 0} place={place} own={own} />
    </Card>
  )
}

const OpinionRow = ({ opinion: { by, stars, note, isPrivate, isOwn, changedAtMs } }: { opinion: Opinion }) => (
  <li className="text-sm">
    <span className="flex flex-wrap items-center gap-x-2 text-xs text-soft">
      {words.by(by, isOwn)}, <Instant ms={changedAtMs} />
      {stars !== undefined && <Stars stars={stars} />}
      {isOwn && isPrivate && note !== undefined && <span>{words.isPrivate}</span>}
    </span>
    {note !== undefined && <span className="block whitespace-pre-wrap wrap-anywhere">{note}</span>}
  </li>
)

const Stars = ({ stars }: { stars: number }) => (
  <span role="img" aria-label={words.starsOf(stars)} className="inline-flex text-warn">
    {Array.from({ length: STARS_MAX }, (_, index) => `star-${index}`).map((key, index) => (
      <Star key={key} size={12} aria-hidden className={index < stars ? 'fill-current' : 'text-faint'} />
    ))}
  </span>
)

const CHOICES = [
  ['', words.noStars] as const,
  ...Array.from({ length: STARS_MAX }, (_, index) => STARS_MAX - index).map(
    (stars) => [String(stars), words.starsOf(stars)] as const,
  ),
]

function OwnOpinion({ place, own }: { place: Place; own: Opinion | undefined }) {
  const client = useQueryClient()
  const [stars, setStars] = useState(own?.stars === undefined ? '' : String(own.stars))
  const [note, setNote] = useState(own?.note ?? '')
  const [isPrivate, setPrivate] = useState(own?.isPrivate ?? false)
  const carry = async (change: () => Promise<unknown>, done: string) => {
    try {
      await change()
      toast('good', done)
      await client.invalidateQueries({ queryKey: ['models', 'market'] })
    } catch (error) {
      toast('bad', problemOf(error).message)
    }
  }
  const wish = {
    ...place,
    isPrivate,
    ...(stars !== '' && { stars: Number(stars) }),
    ...(note.trim() !== '' && { note: note.trim() }),
  }
  const isEmpty = stars === '' && note.trim() === ''
  return (
    <form
      className="mt-4 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isEmpty) void carry(() => hub.market.rate(wish), words.saved)
      }}
    >
      <Choice label={words.stars} value={stars} options={CHOICES} onChange={setStars} />
      <Field label={words.note} hint={words.noteHint}>
        {(control) => <TextInput control={control} value={note} onChange={setNote} />}
      </Field>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" checked={isPrivate} onChange={({ target }) => setPrivate(target.checked)} />
        {words.keepPrivate}
      </label>
      <span className="inline-flex gap-2">
        <GuardedButton permission="market.install" type="submit" blocked={isEmpty ? words.nothing : undefined}>
          {words.save}
        </GuardedButton>
        {own && (
          <GuardedButton
            permission="market.install"
            look="quiet"
            onClick={() => void carry(() => hub.market.unrate(place), words.removed)}
          >
            {words.remove}
          </GuardedButton>
        )}
      </span>
    </form>
  )
}
