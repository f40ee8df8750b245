/**
 * Use site change: the steps of a change of a site: fields, a dry run of its effect, and the change itself. The hub
 * accepts the change only if the site is still as it was at the start. Otherwise the dialog shows the differences, and
 * the person applies the change on top of them.
 */
import { problemOf } from '@skerry/client/problem'
import type { Site, SiteSpec } from '@skerry/contract/sites/site'
import { useState } from 'react'
import { hub } from '../../hub/hub-client.ts'
import { sitePageTexts } from './english-site.ts'
import { draftOf, EMPTY_DRAFT, parseDraft, rebase, type SiteDraft } from './site-draft.ts'

export type ChangeStep =
  | { kind: 'fields' }
  | { kind: 'review'; spec: SiteSpec; change: 'created' | 'updated' | 'unchanged' }
  | { kind: 'conflict'; theirs: Site }

const words = sitePageTexts.siteForm

/** `site` is the edited site; absent for a new one. `onDone` gets the result. */
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
    /** A changed field loses its error. */
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
    /** Continues from the current state, with the changes of this dialog on top, or without them. */
    goOnFrom(theirs: Site, keeps: 'mine' | 'theirs') {
      const now = draftOf(theirs)
      setDraft(keeps === 'mine' && base ? rebase({ base: draftOf(base), theirs: now, mine: draft }) : now)
      setBase(theirs)
      setStep({ kind: 'fields' })
    },
  }
}

export type SiteChange = ReturnType<typeof useSiteChange>
