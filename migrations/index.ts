import { CreateHouse1764000000000 } from './1764000000000-create-house.ts';
import { AccountForEveryPeso1764100000000 } from './1764100000000-account-for-every-peso.ts';
import { SeeAndSteer1764150000000 } from './1764150000000-see-and-steer.ts';
import { AgreeWithCalendars1764200000000 } from './1764200000000-agree-with-calendars.ts';
import { HearVoiceNotes1764200000000 } from './1764200000000-hear-voice-notes.ts';
import { LoseNothing1764210000000 } from './1764210000000-lose-nothing.ts';
import { ForgetInTime1764250000000 } from './1764250000000-forget-in-time.ts';
import { BudgetTheModel1764260000000 } from './1764260000000-budget-the-model.ts';
import { RememberWhatWasServed1764270000000 } from './1764270000000-remember-what-was-served.ts';
import { SuspectEchoes1764280000000 } from './1764280000000-suspect-echoes.ts';
import { FindWhoLeft1764290000000 } from './1764290000000-find-who-left.ts';
import { KnowWhoActed1764300000000 } from './1764300000000-know-who-acted.ts';
import { CheckEachLinkOnce1764310000000 } from './1764310000000-check-each-link-once.ts';

/** Every migration, oldest first: a list and not a glob, so that a missing file is an error at load. */
export const migrations = [
  CreateHouse1764000000000,
  AccountForEveryPeso1764100000000,
  SeeAndSteer1764150000000,
  AgreeWithCalendars1764200000000,
  HearVoiceNotes1764200000000,
  LoseNothing1764210000000,
  ForgetInTime1764250000000,
  BudgetTheModel1764260000000,
  RememberWhatWasServed1764270000000,
  SuspectEchoes1764280000000,
  FindWhoLeft1764290000000,
  KnowWhoActed1764300000000,
  CheckEachLinkOnce1764310000000,
];
