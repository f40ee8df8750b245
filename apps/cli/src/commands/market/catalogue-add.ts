import { CatalogueUrl } from '@skerry/contract/market/catalogue'
import { SIGNATURES_MAX } from '@skerry/contract/models/trust'
import { Name } from '@skerry/contract/values/names'
import * as z from 'zod'
import { command, fits, fitsNumber, list, required, usually, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { keyFinder } from '../signing-keys/signing-key-reference.ts'
import { cataloguesTable } from './market-view.ts'

export const addCatalogue = command({
  name: 'market catalogue add',
  summary: 'Subscribe to a catalogue, trusted by the keys of its publishers',
  details:
    'The catalogue is a folder of this name in the folder that the hub was started with (--catalogues). With --url, the hub mirrors it from ' +
    'another hub (--serve-catalogue there), a web server, or an OCI registry: it fetches only files that it does not have. Trust the key first, with ' +
    '"skerry signing-key add". If a key is revoked, its catalogue is no longer used.',
  examples: [
    'skerry market catalogue add plant --key vendor',
    'skerry market catalogue add plant --key vendor --key our-review --signatures 2',
    'skerry market catalogue add plant --key vendor --url https://hub.vendor.example/catalogues/plant',
    'skerry market catalogue add plant --key vendor --url oci://registry.example/vendor/plant:latest',
  ],
  arguments: { name: required('<catalogue>', 'name of the catalogue', fits(Name)) },
  options: {
    keys: list('--key <key>', 'name or fingerprint of a signing key, as "skerry signing-key ls" shows it', String),
    signatures: usually(
      '--signatures <count>',
      '1',
      'number of these keys that must have signed',
      fitsNumber(z.int().min(1).max(SIGNATURES_MAX)),
    ),
    url: value('--url <url>', 'address of the catalogue, from which the hub mirrors it', fits(CatalogueUrl)),
  },
  async run({ name, keys, signatures, url }, session) {
    if (keys.length === 0) throw wrongUsage('--key is missing: name a key of the publisher')
    const hub = await session.hub()
    const keyOf = await keyFinder(hub, session)
    const ids = keys.map((key) => keyOf(key).keyId)
    const wish = { name, keys: ids, signatures, ...(url !== undefined && { url }) }
    const catalogue = await hub.client.catalogue.add(wish, { signal: session.signal })
    session.print({
      json: catalogue,
      text: () => cataloguesTable([catalogue], session.style, session.io.nowMs()),
    })
  },
})
