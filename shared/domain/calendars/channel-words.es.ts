/** How the owner reads where a feed comes from, in Spanish. */
export const channelWords: Readonly<Record<string, string>> = {
  airbnb: 'Airbnb',
  booking: 'Booking.com',
  vrbo: 'Vrbo',
  google: 'Google Calendar',
  other: 'Otro canal',
};
