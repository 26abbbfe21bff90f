/** What the processes of a test and its simulators of the vendors share. */
export const vendorCredentials = {
  WHATSAPP_ACCESS_TOKEN: 'graph-token',
  WHATSAPP_PHONE_NUMBER_ID: '100200300',
  WHATSAPP_APP_SECRET: 'app-secret',
  WHATSAPP_VERIFY_TOKEN: 'verify-token',
  MERCADOPAGO_ACCESS_TOKEN: 'APP_USR-token',
  MERCADOPAGO_WEBHOOK_SECRET: 'webhook-secret',
};
