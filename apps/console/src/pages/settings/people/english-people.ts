/** The texts of the tab about people in the settings. */
import { count } from '../../../texts/count.ts'

export const peopleTexts = {
  people: {
    notAllowed: 'You cannot see the people, because your role does not manage people',
    filter: 'Filter the people',
    noMatch: 'Nobody fits the filter',
    empty: 'Nobody yet',
    emptyHint: 'Invite people with a link that creates an account. Until then, use API keys.',
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
    you: 'This is your own account.',
    newRole: 'New role',
    setRole: 'Change the role',
    same: 'This is the role already',
    setRoleTitle: (name: string, from: string, to: string) => `Change ${name} from ${from} to ${to}?`,
    setRoleLead: 'The role applies from the next request on, in every open browser.',
    roleSet: (name: string, role: string) => `${name} is ${role} now`,
    beyond: (role: string) => `You cannot give ${role}, because it exceeds your own role. Ask an owner.`,
    sessions: 'Signed in',
    noSessions: 'Signed in nowhere',
    end: 'End',
    endTitle: (name: string) => `End this session of ${name}?`,
    remove: 'Remove',
    removeTitle: (name: string, organisation: string) => `Remove ${name} from ${organisation}?`,
    removeLead: (sessions: number) =>
      sessions === 0
        ? 'They cannot sign in again without an invitation. Their actions stay in the audit log.'
        : `They are signed out of ${count(sessions, 'browser')} at once, and cannot sign in again without an invitation. Their actions stay in the audit log.`,
    removed: (name: string) => `${name} is removed`,
  },
  invitations: {
    title: 'Open invitations',
    none: 'None is open.',
    create: 'Invite',
    createTitle: 'Invite people',
    createLead:
      'The link creates an account. It is shown once. The hub also sends it to the address, if it has a mail server.',
    email: 'E-mail address',
    emailHint: 'The link then works for this address only. Leave it empty for a link that works for anyone.',
    notAnAddress: 'This is not an e-mail address',
    role: 'Role',
    uses: 'People who may use it',
    expires: 'Ends after',
    lives: { '3600': '1 hour', '86400': '1 day', '604800': '7 days', '2592000': '30 days' },
    made: 'Invitation',
    sent: (email: string) => `The hub sends it to ${email}. This is the only time that the link is shown here.`,
    notSent: 'Give this link to the person. This is the only time that it is shown.',
    columns: { for: 'For', role: 'Role', uses: 'Used', created: 'Created', expires: 'Ends', revoke: 'Revoke' },
    anybody: 'anyone with the link',
    revoke: 'Revoke',
    revokeTitle: (email: string | undefined) =>
      email === undefined ? 'Revoke the invitation?' : `Revoke the invitation of ${email}?`,
    revokeLead: (uses: number) =>
      uses === 0
        ? 'Nobody can join with its link any more.'
        : `Nobody else can join with its link. ${count(uses, 'person', 'people')} who did ${uses === 1 ? 'stays' : 'stay'}.`,
    revoked: 'The invitation is revoked',
  },
  lock: {
    title: 'Idle sessions',
    lead: 'The hub locks a session without activity. To continue, the person signs in again.',
    label: 'Lock a session',
    never: 'never',
    after: (minutes: number) => `after ${minutes} minutes without activity`,
    save: 'Set the lock',
    saveTitle: 'Change when sessions are locked?',
    atOnce: 'It applies at once, also to open sessions. It does not affect API keys.',
    neverLead: 'Sessions then last twelve hours, also without activity.',
  },
  rules: {
    title: 'Roles that need a second factor',
    lead: 'People with these roles need a second factor. They cannot do anything else until they set it up.',
    lacking: (names: readonly string[]) =>
      names.length === 0
        ? 'All these people have one.'
        : `${count(names.length, 'person', 'people')} without one: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
    save: 'Save',
    saved: 'The rule applies from now on',
    unchanged: 'Nothing is changed',
    saveTitle: 'Change the roles that need a second factor?',
    nobody: 'Nobody needs a second factor any more. Existing ones stay.',
  },
} as const
