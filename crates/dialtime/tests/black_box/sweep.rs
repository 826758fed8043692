//! Every operation of the OpenAPI document, without a token, with a bad one, with a stranger's and with its own.
