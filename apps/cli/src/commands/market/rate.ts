import { OpinionNote, Stars } from '@skerry/contract/market/opinion'
import { command, fits, fitsNumber, flag, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { catalogueOf, LISTING } from './listing-reference.ts'

export const rateListing = command({
  name: 'market rate',
  summary: 'Rate a listing, or add a note to it, for the people of your organisation',
  details:
    'You have one rating and one note for each listing, and a new one replaces them. They stay on the hub: publishers do not see them. ' +
    'Only you read a private note, and its stars count for all.',
  examples: [
    'skerry market rate pump-watch --stars 4 --note "limit 6 suits line 3"',
    'skerry market rate pump-watch --note "ask Kim before an upgrade" --private',
    'skerry market rate pump-watch --remove',
  ],
  arguments: { reference: LISTING },
  options: {
    stars: value('--stars <stars>', '1 to 5', fitsNumber(Stars)),
    note: value('--note <text>', 'a note to your colleagues', fits(OpinionNote)),
    isPrivate: flag('--private', 'only you read the note'),
    isRemoved: flag('--remove', 'remove your rating and your note'),
  },
  async run({ reference, stars, note, isPrivate, isRemoved }, session) {
    const isEmpty = stars === undefined && note === undefined
    if (isRemoved ? !isEmpty || isPrivate : isEmpty) throw wrongUsage('give --stars, --note or both, or only --remove')
    const { client } = await session.hub()
    const { signal, style } = session
    const place = { catalogue: await catalogueOf(client, reference, signal), listing: reference.listing }
    const name = `${place.catalogue}/${place.listing}`
    if (isRemoved) {
      await client.market.unrate(place, { signal })
      session.print({ json: { removed: name }, text: () => `removed your rating of ${name}` })
      return
    }
    const opinion = await client.market.rate({ ...place, stars, note, isPrivate }, { signal })
    session.print({ json: opinion, text: () => `${style.green('rated')} ${name}` })
  },
})
