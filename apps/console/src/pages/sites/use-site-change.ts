/**
 * Use site change: the way of a change of a site: fields, a dry run of what they would do, and the change itself, which goes through only
 * where the site is still as it was when somebody began. Else what is different now is shown, and the change goes on top of it.
 */
import { problemOf } from '@skerry/client/problem'
import type { Site, SiteSpec } from '@skerry/contract/sites/site'
import { useState } from 'react'
import { hub } from '../../hub/hub-client.ts'
import { texts } from '../../texts/english.ts'
import { draftOf, EMPTY_DRAFT, parseDraft, rebase, type SiteDraft } from './site-draft.ts'

export type ChangeStep =
  | { kind: 'fields' }
  | { kind: 'review'; spec: SiteSpec; change: 'created' | 'updated' | 'unchanged' }
  | { kind: 'conflict'; theirs: Site }

const words = texts.siteForm

/** `site` is the one that is edited; absent for a new one. `onDone` hears what became of it. */
export function useSiteChange(site: Site | undefined, onDone: (name: string, change: string) => void) {
  const [base, setBase] = useState(site)
  const [draft, setDraft] = useState<SiteDraft>(site ? draftOf(site) : EMPTY_DRAFT)
  const [step, setStep] = useState<ChangeStep>({ kind: 'fields' })
  const [problems, setProblems] = useState<Partial<SiteDraft>>({})
  const [failure, setFailure] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  const onStale = async (name: string) => {
    if (!base) {
      setProblems({ name: words.taken })
      return setStep({ kind: 'fields' })
    }
    setStep({ kind: 'conflict', theirs: await hub.site.get({ site: name }) })
  }
  const attempt = async (name: string, work: () => Promise<void>) => {
    setBusy(true)
    setFailure(undefined)
    try {
      await work().catch((thrown: unknown) => {
        if (problemOf(thrown).code !== 'revision_stale') throw thrown
        return onStale(name)
      })
    } catch (thrown) {
      const { code, message } = problemOf(thrown)
      setFailure(code === 'site_unknown' ? words.gone : message)
    }
    setBusy(false)
  }
  const ifRevision = base?.revision ?? 0
  return {
    base,
    draft,
    step,
    problems,
    failure,
    isBusy,
    /** A field that is written anew is no longer wrong. */
    write(change: Partial<SiteDraft>) {
      setDraft((before) => ({ ...before, ...change }))
      setProblems((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !(field in change))))
    },
    async review() {
      const parsed = parseDraft(draft)
      setProblems(parsed.ok ? {} : parsed.problems)
      if (!parsed.ok) return
      const { spec } = parsed
      await attempt(spec.name, async () => {
        const { change } = await hub.site.apply({ ...spec, ifRevision, dryRun: true })
        setStep({ kind: 'review', spec, change })
      })
    },
    async save(spec: SiteSpec) {
      await attempt(spec.name, async () => {
        const { change } = await hub.site.apply({ ...spec, ifRevision })
        onDone(spec.name, change)
      })
    },
    back: () => setStep({ kind: 'fields' }),
    /** Goes on from what is there now, with the changes of this dialog on top, or without them. */
    goOnFrom(theirs: Site, keeps: 'mine' | 'theirs') {
      const now = draftOf(theirs)
      setDraft(keeps === 'mine' && base ? rebase({ base: draftOf(base), theirs: now, mine: draft }) : now)
      setBase(theirs)
      setStep({ kind: 'fields' })
    },
  }
}

export type SiteChange = ReturnType<typeof useSiteChange>
