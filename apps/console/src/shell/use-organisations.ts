/** Use organisations: those that whoever is signed in belongs to, and the way to another of them. */
import { problemOf } from '@skerry/client/problem'
import type { Membership } from '@skerry/contract/people/user'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { toast } from '../components/toasts.tsx'
import { queries } from '../hub/queries.ts'
import { peopleQueries } from '../pages/settings/people/people-queries.ts'
import { texts } from '../texts/english.ts'
import { switchOrganisation } from './switch-organisation.ts'

const words = texts.shell.organisation

/** The others. A key belongs to one, and most people do. */
export function useOrganisations(): { others: readonly Membership[]; go: (organisation: string) => Promise<void> } {
  const isPerson = useQuery(queries.me()).data?.kind === 'user'
  const { data } = useQuery({ ...peopleQueries.organisations(), enabled: isPerson })
  const navigate = useNavigate()
  const go = async (organisation: string) => {
    try {
      await switchOrganisation(organisation)
    } catch (error) {
      const { code, message } = problemOf(error)
      const needsFactor = code === 'second_factor_required'
      toast('bad', words.refused(organisation), needsFactor ? words.needsFactor : message)
      if (needsFactor) await navigate({ to: '/account' })
    }
  }
  return { others: data?.filter(({ isThis }) => !isThis) ?? [], go }
}
