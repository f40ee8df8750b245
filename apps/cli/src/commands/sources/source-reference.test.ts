import { expect, test } from 'vitest'
import { commands } from '../../program/command-list.ts'

const PLACE = ['--scope <scope>', '--site <site>', '--device <device>']

const named = (name: string) => {
  const command = commands.find((each) => each.name === name)
  if (!command) throw new Error(`there is no command ${name}`)
  return command
}

/** The flags of a place with their descriptions; the noun is the only difference that a reader may see. */
const placeOf = (name: string) =>
  Object.values(named(name).options)
    .filter(({ flags }) => PLACE.includes(flags))
    .map(({ flags, help }) => `${flags}: ${help.replaceAll(/\b(source|sink)(s?)\b/g, 'connection$2')}`)

test.each(['add', 'set', 'ls', 'show', 'rm'])('source and sink %s take a place by the same options', (verb) => {
  expect(placeOf(`source ${verb}`)).toHaveLength(PLACE.length)
  expect(placeOf(`sink ${verb}`)).toEqual(placeOf(`source ${verb}`))
})

test('commands that change one connection describe their place in the same words', () => {
  const places = ['add', 'set', 'rm'].map((verb) => placeOf(`source ${verb}`))
  for (const place of places) expect(place).toEqual(places[0])
})
