/** The texts about the people of an organisation, which the settings load with their tab. */
import { count } from '../../../texts/count.ts'

export const peopleTexts = {
  people: {
    notAllowed: 'Who is here is for those who manage people',
    filter: 'Filter the people',
    noMatch: 'Nobody fits the filter',
    empty: 'Nobody yet',
    emptyHint: 'An invitation is a link that makes an account. Until then API keys do everything.',
    columns: { name: 'Name', email: 'E-mail address', role: 'Role', factor: 'Second factor', signIn: 'Last sign-in' },
    factorOn: 'On',
    factorOff: 'Off',
    you: 'you',
    open: (name: string) => `Open ${name}`,
  },
  person: {
    email: 'E-mail address',
    role: 'Role',
    factor: 'Second factor',
    joined: 'Joined',
    signIn: 'Last sign-in',
    you: 'This is you: what you change here, you change of yourself.',
    newRole: 'New role',
    setRole: 'Change the role',
    same: 'This is the role already',
    setRoleTitle: (name: string, from: string, to: string) => `Change ${name} from ${from} to ${to}?`,
    setRoleLead: 'It counts from the next request on, in every browser that is open.',
    roleSet: (name: string, role: string) => `${name} is ${role} now`,
    beyond: (role: string) => `${role} goes beyond your own role; ask an owner`,
    sessions: 'Signed in',
    noSessions: 'Signed in nowhere',
    end: 'End',
    endTitle: (name: string) => `End this session of ${name}?`,
    remove: 'Remove',
    removeTitle: (name: string, organisation: string) => `Remove ${name} from ${organisation}?`,
    removeLead: (sessions: number) =>
      sessions === 0
        ? 'They cannot sign in again without an invitation. What they did stays in the audit trail.'
        : `They are signed out of ${count(sessions, 'browser')} at once, and cannot sign in again without an invitation. What they did stays in the audit trail.`,
    removed: (name: string) => `${name} is removed`,
  },
  invitations: {
    title: 'Open invitations',
    none: 'None is open.',
    create: 'Invite',
    createTitle: 'Invite people',
    createLead: 'The link makes an account. It is shown once, and sent to the address where the hub has a mail server.',
    email: 'E-mail address',
    emailHint: 'Then it counts for this address only. Leave it empty for a link that you hand over.',
    notAnAddress: 'That is no e-mail address',
    role: 'Role',
    uses: 'People who may use it',
    expires: 'Ends after',
    lives: { '3600': '1 hour', '86400': '1 day', '604800': '7 days', '2592000': '30 days' },
    made: 'Invitation',
    sent: (email: string) => `It is on its way to ${email}. This is the only time that the link is shown here.`,
    notSent: 'Give this link to whom it is for. This is the only time that it is shown.',
    columns: { for: 'For', role: 'Role', uses: 'Used', created: 'Made', expires: 'Ends', revoke: 'Take back' },
    anybody: 'whoever has the link',
    revoke: 'Take back',
    revokeTitle: (email: string | undefined) =>
      email === undefined ? 'Take the invitation back?' : `Take the invitation of ${email} back?`,
    revokeLead: (uses: number) =>
      uses === 0
        ? 'Nobody can join with its link any more.'
        : `Nobody else can join with its link. ${count(uses, 'person', 'people')} who did ${uses === 1 ? 'stays' : 'stay'}.`,
    revoked: 'The invitation is taken back',
  },
  lock: {
    title: 'Sessions of those who have left',
    lead: 'A session at which nobody touches key or pointer is locked: only whoever signs in again goes on where it was.',
    label: 'Lock a session',
    never: 'never',
    after: (minutes: number) => `after ${minutes} minutes without anybody there`,
    save: 'Set the lock',
    saveTitle: 'Change when sessions are locked?',
    atOnce: 'It counts at once, also for everybody who is signed in. API keys are not concerned.',
    neverLead: 'Sessions last twelve hours then, whoever sits there.',
  },
  rules: {
    title: 'Who needs a second factor',
    lead: 'Everybody of these roles. Who has none yet can do nothing else until it is set up.',
    lacking: (names: readonly string[]) =>
      names.length === 0
        ? 'Everybody whom this concerns has one.'
        : `${count(names.length, 'person', 'people')} without one: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
    save: 'Save',
    saved: 'The rule counts from now on',
    unchanged: 'Nothing is changed',
    saveTitle: 'Change who needs a second factor?',
    nobody: 'Nobody needs one any more. Whoever has one keeps it.',
  },
} as const
