import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerTexts } from '../../pages/alerts/english-answers.ts'
import { deployTexts } from '../../pages/deploy/english-deploy.ts'
import { deploymentsTexts } from '../../pages/deployments/english-deployments.ts'
import { devicesWords } from '../../pages/devices/english-devices.ts'
import { languageTexts } from '../../pages/settings/display/english-display.ts'
import { sinksTexts } from '../../pages/sinks/english-sinks.ts'
import { sourcesTexts } from '../../pages/sources/english-sources.ts'
import { tourTexts } from '../../pages/tour/english-tour.ts'
import { texts } from '../english.ts'
import { linkTexts } from '../english-links.ts'
import { translated } from '../translation.ts'
import { german } from './german.ts'

const english = {
  texts,
  devices: devicesWords,
  links: linkTexts,
  tour: tourTexts,
  display: languageTexts,
  answers: answerTexts,
  sinks: sinksTexts,
  sources: sourcesTexts,
  deployments: deploymentsTexts,
  deploy: deployTexts,
}

/** All words with their paths. */
const wordsOf = (words: object): [path: string, word: unknown][] =>
  Object.entries(words).flatMap(([key, word]: [string, unknown]): [string, unknown][] =>
    typeof word === 'object' && word !== null
      ? wordsOf(word).map(([path, each]) => [`${key}.${path}`, each])
      : [[key, word]],
  )

const pathsOf = (words: object): string[] => wordsOf(words).map(([path]) => path)

const blankPathsOf = (words: object): string[] =>
  wordsOf(words).flatMap(([path, word]) => (word === '' || word === undefined ? [path] : []))

/** Only the common texts may have parts without a translation. These are English as a whole. */
const UNTRANSLATED = ['model', 'models', 'rollouts', 'version']

test('the German words have the keys of the English ones, in every translated module', () => {
  const { model, models, rollouts, version, ...common } = english.texts
  expect(Object.keys({ model, models, rollouts, version })).toEqual(UNTRANSLATED)
  expect(pathsOf(german).toSorted()).toEqual(pathsOf({ ...english, texts: common }).toSorted())
})

test('each German word says something where the English one does', () => {
  expect(blankPathsOf(german)).toEqual(blankPathsOf({ deploy: deployTexts }))
})

test('German words have German numbers, and the form for one', () => {
  const { overview, common } = german.texts
  expect(overview.devicesTotal(2_000, 1)).toBe('2.000 Geräte an 1 Standort')
  expect(overview.devicesTotal(1, 3)).toBe('1 Gerät an 3 Standorten')
  expect(common.ofTotal(5, 1_234)).toBe('5 von 1.234')
})

test('a translation keeps the texts that it has no words for', () => {
  const sites = { title: 'Sites', columns: { name: 'Name', state: 'State' }, list: ['one', 'two'], more: () => 'more' }
  expect(translated(sites, { title: 'Standorte', columns: { name: 'Ort' }, list: ['eins'] })).toEqual({
    title: 'Standorte',
    columns: { name: 'Ort', state: 'State' },
    list: ['eins'],
    more: sites.more,
  })
  expect(sites.title).toBe('Sites')
})

// Every other module of the console waits for the German words, so that an import of one never ends: the page stays empty.
test('German words import no code from other folders', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
  const imported = files.flatMap((name) => {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8')
    return [...text.matchAll(/^import (?!type )[^'"]*['"]([^'"]+)['"]/gm)].map(([, from = '']) => from)
  })
  expect(imported.length).toBeGreaterThan(files.length)
  expect(imported.filter((from) => !from.startsWith('./'))).toEqual([])
})
